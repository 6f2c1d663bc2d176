import type { Expression } from './expression/syntax.ts'
import type { Position } from './position.ts'

/**
 * The tree of a Workflows source, in both document shapes (a bare list of steps, or a map of subworkflows).
 * Trees that the compiler builds carry no positions; parsed ones carry one on every node.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax
 */
export interface WorkflowDocument {
  readonly kind: 'document'
  /** `main` first, then the others in source order. */
  readonly subworkflows: readonly Subworkflow[]
  /** Lines printed as `#` comments at the head of the source. */
  readonly comment?: string
}

export interface Subworkflow {
  readonly kind: 'subworkflow'
  readonly name: string
  readonly params: readonly Parameter[]
  readonly steps: readonly Step[]
  readonly comment?: string
  readonly position?: Position
}

export interface Parameter {
  readonly name: string
  /** A literal; applies when the caller does not give the argument. */
  readonly default?: Value
  readonly position?: Position
}

export interface Step {
  readonly kind: 'step'
  readonly name: string
  readonly body: StepBody
  readonly comment?: string
  readonly position?: Position
}

export type StepBody =
  | AssignBody
  | CallBody
  | SwitchBody
  | ForBody
  | ParallelBody
  | TryBody
  | RaiseBody
  | ReturnBody
  | StepsBody
  | NextBody

interface WithNext {
  /** A step name, `end`, `break` or `continue`. */
  readonly next?: string
}

export interface AssignBody extends WithNext {
  readonly kind: 'assign'
  readonly assignments: readonly Assignment[]
}

export interface Assignment {
  readonly target: AssignmentTarget
  readonly value: Value
  readonly position?: Position
}

/** `v`, `v.key`, `v["key"]`, `v[i + 1].b`: a variable and a path of index expressions. */
export interface AssignmentTarget {
  readonly variable: string
  readonly path: readonly Expression[]
  readonly source: string
}

export interface CallBody extends WithNext {
  readonly kind: 'call'
  /** Literal name of a standard library function, connector or subworkflow. */
  readonly callee: string
  /** A map of named arguments, or a list of positional ones (standard library only). */
  readonly args?: MapValue | ListValue
  readonly result?: string
}

export interface SwitchBody extends WithNext {
  readonly kind: 'switch'
  readonly conditions: readonly SwitchCondition[]
}

export interface SwitchCondition {
  readonly condition: Value
  /** What the entry does; a bare `next` is a NextBody, an inline body may carry its own `next`. */
  readonly body: StepBody
  readonly position?: Position
}

export interface ForBody extends WithNext {
  readonly kind: 'for'
  readonly loop: Loop
}

export interface Loop {
  readonly value: string
  readonly index?: string
  /** Exactly one of `in` and `range`. */
  readonly in?: Value
  readonly range?: Value
  readonly steps: readonly Step[]
  readonly position?: Position
}

export interface ParallelBody extends WithNext {
  readonly kind: 'parallel'
  readonly exceptionPolicy?: 'continueAll'
  readonly shared: readonly string[]
  readonly concurrencyLimit?: Value
  /** Exactly one of `branches` and `loop`. */
  readonly branches?: readonly Branch[]
  readonly loop?: Loop
}

export interface Branch {
  readonly name: string
  readonly steps: readonly Step[]
  readonly position?: Position
}

export interface TryBody extends WithNext {
  readonly kind: 'try'
  /** One inline body, or a list of steps. */
  readonly body: Block
  readonly retry?: RetryPolicy
  readonly except?: ExceptBlock
}

/** `{steps: […]}` or one inline step body. */
export type Block = StepsBody | Exclude<StepBody, StepsBody | NextBody>

/** `retry: ${http.default_retry}` (policy) or a map; every value may be an expression. */
export type RetryPolicy =
  | { readonly kind: 'policy'; readonly policy: Value; readonly position?: Position }
  | {
      readonly kind: 'retry'
      readonly predicate?: Value
      readonly maxRetries?: Value
      /** The whole back-off as one expression (`${retry.default_backoff}`), instead of the three values below. */
      readonly backoff?: Value
      readonly initialDelay?: Value
      readonly maxDelay?: Value
      readonly multiplier?: Value
      readonly position?: Position
    }

export interface ExceptBlock {
  readonly as?: string
  readonly steps: readonly Step[]
  readonly position?: Position
}

export interface RaiseBody {
  readonly kind: 'raise'
  readonly value: Value
}

export interface ReturnBody {
  readonly kind: 'return'
  readonly value: Value
}

export interface StepsBody extends WithNext {
  readonly kind: 'steps'
  readonly steps: readonly Step[]
}

/** A body that is nothing but `next: x`. */
export interface NextBody {
  readonly kind: 'next'
  readonly next: string
}

export type Value = Literal | ListValue | MapValue | ExpressionValue

/** `integer` is a 64-bit bigint, `double` a number: `1` and `1.0` stay distinct. */
export type Literal =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }

export interface ListValue {
  readonly kind: 'list'
  readonly items: readonly Value[]
}

export interface MapValue {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
}

/** `key` is literal text, or an expression for a computed key (`${name}: v`). */
export interface MapEntry {
  readonly key: string | ExpressionValue
  readonly value: Value
}

/** A scalar that is entirely `${…}`. `source` is the text between the braces. */
export interface ExpressionValue {
  readonly kind: 'expression'
  readonly expression: Expression
  readonly source: string
  readonly position?: Position
}
