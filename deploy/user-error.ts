/** A mistake that the person at the keyboard can fix: printed as message, place and way out, never with a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** A file, a resource or an option. */
  readonly place: string | undefined
  readonly hint: string | undefined

  constructor(message: string, where: { place?: string; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: where.cause })
    this.place = where.place
    this.hint = where.hint
  }
}
