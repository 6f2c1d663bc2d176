import type { Position } from './position.ts'

/** Something that keeps a source from being deployed. */
export interface Problem {
  /** Stable, in kebab case. */
  readonly code: ProblemCode
  readonly message: string
  /** Absent in trees that were built, not parsed. */
  readonly position?: Position
  /** The name that `parseWorkflow` was given. */
  readonly file?: string
}

type ProblemCode = SyntaxProblemCode | BuildProblemCode

/** Source order; problems without a place come first. */
export function byPosition(a: Problem, b: Problem): number {
  const lines = (a.position?.line ?? 0) - (b.position?.line ?? 0)
  return lines === 0 ? (a.position?.column ?? 0) - (b.position?.column ?? 0) : lines
}

/** What `parseWorkflow` reports. */
export type SyntaxProblemCode =
  | 'yaml-syntax'
  | 'duplicate-key'
  | 'too-complex'
  | 'source-too-large'
  | 'wrong-type'
  | 'unknown-key'
  | 'missing-key'
  | 'conflicting-keys'
  | 'empty'
  | 'bad-name'
  | 'bad-value'
  | 'bad-expression'
  | 'integer-range'

/** What `validateWorkflow` reports. */
export type BuildProblemCode =
  | 'limit-exceeded'
  | 'unknown-symbol'
  | 'unknown-function'
  | 'unknown-step'
  | 'unshared-write'
  | 'name-conflict'
  | 'bad-arguments'
  | 'bad-default'
  | 'bad-jump'
  | 'bad-loop'
  | 'blocking-call'
  | 'reserved-name'
  | 'duplicate-name'
  | 'missing-main'
