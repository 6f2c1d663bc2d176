import type { Step, StepBody } from '../../language/syntax.ts'
import type { VariableReference } from './frame.ts'

/** Variables of one frame, counted while a routine or branch is compiled. */
export interface Layout {
  slots: number
}

/**
 * Subworkflows, parallel branches, loops and `except` open a scope; `steps`, `switch` and `try` do not. A name
 * belongs to the outermost scope around its uses that assigns it anywhere.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export class Scope {
  readonly parent: Scope | null
  readonly layout: Layout
  readonly #slots = new Map<string, number>()

  private constructor(parent: Scope | null, layout: Layout) {
    this.parent = parent
    this.layout = layout
  }

  /** The scope of a routine (no parent), or of a parallel branch: a frame of its own. */
  static frame(parent: Scope | null): Scope {
    return new Scope(parent, { slots: 0 })
  }

  /** The scope of a loop or an `except`, in the frame of its parent. */
  static block(parent: Scope): Scope {
    return new Scope(parent, parent.layout)
  }

  /** Makes a name local to this scope whatever there is around it. */
  declare(name: string): number {
    const known = this.#slots.get(name)
    if (known !== undefined) return known
    const slot = this.layout.slots
    this.layout.slots += 1
    this.#slots.set(name, slot)
    return slot
  }

  /** Declares the names that these steps assign and no scope around them has. */
  declareAssigned(steps: readonly Step[]): void {
    for (const name of assignedNames(steps)) if (this.find(name) === null) this.declare(name)
  }

  find(name: string): VariableReference | null {
    let hops = 0
    for (const scope of this.#outward()) {
      const slot = scope.#slots.get(name)
      if (slot !== undefined) return { name, hops, slot }
      if (scope.parent !== null && scope.parent.layout !== scope.layout) hops += 1
    }
    return null
  }

  *#outward(): Generator<Scope> {
    yield this
    if (this.parent !== null) yield* this.parent.#outward()
  }

  /** The slots of this scope alone. */
  ownSlots(): readonly number[] {
    return [...this.#slots.values()]
  }

  /** Every variable that can be seen from this scope, innermost first of a name. */
  visible(): readonly VariableReference[] {
    const references = new Map<string, VariableReference>()
    for (const scope of this.#outward()) {
      for (const name of scope.#slots.keys()) {
        if (!references.has(name)) references.set(name, this.find(name)!)
      }
    }
    return [...references.values()].toReversed()
  }
}

/** Names assigned by these steps outside of scopes that stand inside them. */
function* assignedNames(steps: readonly Step[]): Generator<string> {
  for (const step of steps) yield* assignedBy(step.body)
}

function* assignedBy(body: StepBody): Generator<string> {
  switch (body.kind) {
    case 'assign':
      for (const { target } of body.assignments) yield target.variable
      return
    case 'call':
      if (body.result !== undefined) yield body.result
      return
    case 'switch':
      for (const { body: entry } of body.conditions) yield* assignedBy(entry)
      return
    case 'try':
      yield* assignedBy(body.body)
      return
    case 'steps':
      yield* assignedNames(body.steps)
      return
    case 'parallel':
      // Validation has refused what nothing around the step assigns, if the readings say so.
      yield* body.shared
      return
    default:
  }
}
