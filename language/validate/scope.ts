import type { Step, StepBody } from '../syntax.ts'

/**
 * What opens a scope: a subworkflow, a loop, an `except`, a parallel branch or iteration. `steps`, `switch` and
 * `try` do not. A name belongs to the outermost scope that assigns it anywhere, before or after.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export class Scope {
  readonly #parent: Scope | undefined
  readonly #names: Set<string>
  /** For the scope of a branch or of a parallel loop: what may be assigned of the scopes around it. */
  readonly #shared: ReadonlySet<string> | undefined

  readonly #sharingDeclares: boolean

  private constructor(
    parent: Scope | undefined,
    names: readonly string[],
    shared: readonly string[] | undefined,
    sharingDeclares: boolean,
  ) {
    this.#parent = parent
    this.#sharingDeclares = sharingDeclares
    this.#names = new Set(names)
    this.#shared = shared && new Set(shared)
  }

  /** `sharingDeclares`: a name in `shared` of a parallel step exists around it, assigned or not. */
  static routine(params: readonly string[], steps: readonly Step[], sharingDeclares: boolean): Scope {
    return new Scope(undefined, params, undefined, sharingDeclares).declareAssigned(steps)
  }

  /** A loop or an `except` with the names that it brings. */
  block(names: readonly string[], steps: readonly Step[]): Scope {
    return new Scope(this, names, undefined, this.#sharingDeclares).declareAssigned(steps)
  }

  /** A parallel branch, or the iterations of a parallel loop with the loop's names. */
  branch(names: readonly string[], shared: readonly string[], steps: readonly Step[]): Scope {
    return new Scope(this, names, shared, this.#sharingDeclares).declareAssigned(steps)
  }

  knows(name: string): boolean {
    return this.#names.has(name) || (this.#parent?.knows(name) ?? false)
  }

  /** True when assigning the name here would change a variable around a parallel step that does not share it. */
  isUnshared(name: string): boolean {
    if (this.#names.has(name) || this.#parent === undefined || !this.#parent.knows(name)) return false
    return (this.#shared !== undefined && !this.#shared.has(name)) || this.#parent.isUnshared(name)
  }

  private declareAssigned(steps: readonly Step[]): this {
    for (const step of steps) this.#declareAssignedBy(step.body)
    return this
  }

  #declareAssignedBy(body: StepBody): void {
    switch (body.kind) {
      case 'assign':
        for (const { target } of body.assignments)
          if (target.path.length === 0) this.#declare(target.variable)
        return
      case 'call':
        if (body.result !== undefined) this.#declare(body.result)
        return
      case 'switch':
        for (const condition of body.conditions) this.#declareAssignedBy(condition.body)
        return
      case 'try':
        this.#declareAssignedBy(body.body)
        return
      case 'steps':
        for (const step of body.steps) this.#declareAssignedBy(step.body)
        return
      case 'parallel':
        if (this.#sharingDeclares) for (const name of body.shared) this.#declare(name)
        return
      default:
    }
  }

  #declare(name: string): void {
    if (!this.knows(name)) this.#names.add(name)
  }
}
