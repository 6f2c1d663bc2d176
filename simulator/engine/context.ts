import { CompileError } from './compile-error.ts'
import { BREAK, CONTINUE, END } from './signal.ts'
import type { Position } from '../../language/position.ts'
import type { Scope } from './scope.ts'
import type { Signal } from './signal.ts'
import type { Routine, StepList } from './step.ts'

/** What is known where a piece of the source is compiled. */
export interface Context {
  readonly routines: ReadonlyMap<string, Routine>
  readonly routine: string
  readonly scope: Scope
  readonly labels: Labels | null
}

/** The step that a body belongs to. */
export interface Holder {
  readonly name: string
  readonly position: Position | null
}

/** The jump targets that can be seen, innermost list first. */
type Labels =
  | {
      readonly kind: 'list'
      readonly list: StepList
      readonly names: ReadonlyMap<string, number>
      readonly outer: Labels | null
    }
  | { readonly kind: 'loop'; readonly outer: Labels | null }
  /** The body of a parallel branch: jumps do not leave it. */
  | { readonly kind: 'branch'; readonly outer: null }
  /** The body of a parallel iteration: `continue` ends it, `break` is up to the reading `branchExit`. */
  | { readonly kind: 'iteration'; readonly outer: null }

/**
 * What `next: target` does. Jumps go to a step of the same list or of one around it, never into a block.
 * https://cloud.google.com/workflows/docs/reference/syntax/jumps
 */
export function resolveJump(target: string, context: Context): Signal {
  if (target === 'end') return END
  for (let labels = context.labels; labels !== null; labels = labels.outer) {
    if (target === 'break' || target === 'continue') {
      if (labels.kind === 'loop' || labels.kind === 'iteration') return target === 'break' ? BREAK : CONTINUE
    } else if (labels.kind === 'list') {
      const index = labels.names.get(target)
      if (index !== undefined) return { kind: 'jump', list: labels.list, index }
    }
  }
  const found =
    target === 'break' || target === 'continue' ? `'${target}' outside of a loop` : `unknown step '${target}'`
  throw new CompileError(`error in next: ${found} in ${context.routine}`)
}
