import { DagError } from './errors/dag-error.ts'
import type { ErrorCode } from './errors/codes.ts'
import type { Location } from './location.ts'
import { didYouMean } from './suggest.ts'

/** Collects what is wrong with a declaration, so that one compile names every mistake. */
export interface Problems {
  add(code: ErrorCode, message: string, hint: string, at?: Location | null): void
  readonly list: readonly DagError[]
  /** Place of problems that bring none. */
  readonly at: Location | null
}

/** A list to collect into; `at` is the place of problems that bring none. */
export function collectProblems(at: Location | null): Problems {
  const list: DagError[] = []
  return {
    list,
    at,
    add(code, message, hint, place = at) {
      list.push(new DagError(code, message, { at: place, hint }))
    },
  }
}

/** Names every option key that is not known. */
export function checkKeys(
  options: object,
  known: readonly string[],
  what: string,
  problems: Problems,
  at?: Location | null,
): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    problems.add('DAG103', `${what} has no option "${key}"`, didYouMean(key, known, 'options'), at)
  }
}
