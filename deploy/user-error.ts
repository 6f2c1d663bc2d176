/** Codes of mistakes at the command line and of deployments; each has a page, see dsl/errors/. */
export type UserErrorCode =
  | 'DAG601'
  | 'DAG602'
  | 'DAG603'
  | 'DAG604'
  | 'DAG605'
  | 'DAG606'
  | 'DAG607'
  | 'DAG608'
  | 'DAG609'
  | 'DAG610'
  | 'DAG611'
  | 'DAG801'
  | 'DAG802'
  | 'DAG803'
  | 'DAG804'
  | 'DAG805'
  | 'DAG806'
  | 'DAG807'

/** A mistake that the person at the keyboard can fix: printed as message, place and way out, never with a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly code: UserErrorCode
  /** A file, a resource or an option. */
  readonly place: string | undefined
  readonly hint: string | undefined

  constructor(
    code: UserErrorCode,
    message: string,
    where: { place?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: where.cause })
    this.code = code
    this.place = where.place
    this.hint = where.hint
  }
}
