/**
 * The tree of a `${…}` expression. `offset` is the 0-based character offset of the node within the text
 * between `${` and `}`, so that errors can point into it.
 *
 * Grammar and precedence: https://cloud.google.com/workflows/docs/reference/syntax/expressions
 * and https://cloud.google.com/workflows/docs/reference/syntax/datatypes
 */
export type Expression =
  | LiteralExpression
  | ListExpression
  | NameExpression
  | MemberExpression
  | IndexExpression
  | CallExpression
  | UnaryExpression
  | BinaryExpression

/** `null`, `true`, `12` (bigint), `1.5` (number), `"text"`. Integers are 64-bit and never pass through doubles. */
export interface LiteralExpression {
  readonly kind: 'literal'
  readonly value: null | boolean | bigint | number | string
  readonly offset: number
}

/** `[a, b]`. Map literals do not exist inside expressions. */
interface ListExpression {
  readonly kind: 'list'
  readonly items: readonly Expression[]
  readonly offset: number
}

/** A variable, a subworkflow or the first segment of a function name. */
interface NameExpression {
  readonly kind: 'name'
  readonly name: string
  readonly offset: number
}

/** `target.name` */
interface MemberExpression {
  readonly kind: 'member'
  readonly target: Expression
  readonly name: string
  readonly offset: number
}

/** `target[index]` */
interface IndexExpression {
  readonly kind: 'index'
  readonly target: Expression
  readonly index: Expression
  readonly offset: number
}

/** `callee(args)`; the callee is a name or a chain of members (`text.to_upper`). */
export interface CallExpression {
  readonly kind: 'call'
  readonly callee: Expression
  readonly args: readonly Expression[]
  readonly offset: number
}

export type UnaryOperator = '-' | 'not'

interface UnaryExpression {
  readonly kind: 'unary'
  readonly operator: UnaryOperator
  readonly operand: Expression
  readonly offset: number
}

export type BinaryOperator =
  'or' | 'and' | '<=' | '>=' | '<' | '>' | '==' | '!=' | 'in' | '+' | '-' | '*' | '/' | '//' | '%'

export interface BinaryExpression {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly offset: number
}
