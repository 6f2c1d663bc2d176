/** The text between `${` and `}` is not an expression. `offset` is the 0-based place within that text. */
export class ExpressionSyntaxError extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'ExpressionSyntaxError'
    this.offset = offset
  }
}
