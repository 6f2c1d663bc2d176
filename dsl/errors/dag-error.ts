import type { Location } from '../location.ts'
import type { ErrorCode } from './codes.ts'

/** A mistake in a DAG file: what, where, and how to fix it. Each code has a page under `docs/errors/`. */
export class DagError extends Error {
  override readonly name = 'DagError'
  readonly code: ErrorCode
  /** The author's line; null where a mistake has none, e.g. a missing file. */
  readonly at: Location | null
  readonly hint: string
  /** The page that explains the code. */
  readonly docs: string

  constructor(code: ErrorCode, message: string, details: { at: Location | null; hint: string }) {
    super(message)
    this.code = code
    this.at = details.at
    this.hint = details.hint
    this.docs = `docs/errors/${code}.md`
  }
}

/** All problems of one compile, sorted by place. */
export class DagProblems extends Error {
  override readonly name = 'DagProblems'
  readonly problems: readonly DagError[]

  constructor(problems: readonly DagError[]) {
    const sorted = sortProblems(problems)
    super(sorted.map((problem) => `${problem.code} ${problem.message}`).join('\n'))
    this.problems = sorted
  }
}

/** By file, then line, then code; those without a place come first. */
export function sortProblems(problems: readonly DagError[]): readonly DagError[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.at?.file ?? '', b.at?.file ?? '') ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  )
}

/** Whether a value is a DagError, also one from another copy of this module (a DAG file loads its own). */
export function isDagError(value: unknown): value is DagError {
  return value instanceof Error && value.name === 'DagError' && 'code' in value && 'hint' in value
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
