import { expressionSource } from './expression-text.ts'
import { parseExpression } from './expression/parse.ts'
import { quote } from './expression/quote.ts'
import type {
  AssignBody,
  Block,
  Branch,
  CallBody,
  ExceptBlock,
  ExpressionValue,
  ForBody,
  ListValue,
  Literal,
  Loop,
  MapValue,
  NextBody,
  ParallelBody,
  Parameter,
  RaiseBody,
  RetryPolicy,
  ReturnBody,
  Step,
  StepBody,
  StepsBody,
  Subworkflow,
  SwitchBody,
  SwitchCondition,
  TryBody,
  Value,
  WorkflowDocument,
} from './syntax.ts'
import { parseTarget } from './target.ts'

/** Factories of frozen nodes, for programs that write workflows. */

interface Next {
  readonly next?: string
}

type Pairs<Key> = readonly (readonly [Key, Value])[]

/** The null value. */
export const nul: Literal = Object.freeze({ kind: 'null' })

/** The longest literal that is worth hiding in an expression; beyond it the 400-character limit is near. */
const longestHiddenText = 390

/** A string. Text that contains `${` becomes an expression that holds the text, so that nobody evaluates it. */
export function str(value: string): Literal | ExpressionValue {
  if (value.includes('${') && value.length < longestHiddenText) return expr(quote(value))
  return Object.freeze({ kind: 'string', value })
}

/** A 64-bit integer. Throws RangeError for a fraction or a value out of range. */
export function int(value: bigint | number): Literal {
  const integer = BigInt(value)
  if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(`${integer} is out of the 64-bit range`)
  return Object.freeze({ kind: 'integer', value: integer })
}

/** A 64-bit floating point number, which stays a double when it is whole. */
export function double(value: number): Literal {
  return Object.freeze({ kind: 'double', value })
}

/** A boolean. */
export function bool(value: boolean): Literal {
  return Object.freeze({ kind: 'boolean', value })
}

/** A list of values. */
export function list(items: readonly Value[]): ListValue {
  return Object.freeze({ kind: 'list', items: Object.freeze([...items]) })
}

/** A map from an object, or from pairs where keys are computed (`expr('name')`) or their order matters. */
export function map(entries: Readonly<Record<string, Value>> | Pairs<string | ExpressionValue>): MapValue {
  const pairs: Pairs<string | ExpressionValue> = isPairs(entries) ? entries : Object.entries(entries)
  return Object.freeze({
    kind: 'map',
    entries: Object.freeze(pairs.map(([key, value]) => Object.freeze({ key, value }))),
  })
}

function isPairs<Key>(entries: Readonly<Record<string, Value>> | Pairs<Key>): entries is Pairs<Key> {
  return Array.isArray(entries)
}

/** An expression from its source without `${}`. Throws `ExpressionSyntaxError` when it is malformed. */
export function expr(source: string): ExpressionValue {
  return Object.freeze({ kind: 'expression', expression: parseExpression(source), source })
}

/** A plain JSON value as a tree. Safe integers become integers, other numbers doubles. Throws TypeError for the rest. */
export function json(value: unknown): Value {
  if (value === null) return nul
  if (typeof value === 'string') return str(value)
  if (typeof value === 'boolean') return bool(value)
  if (typeof value === 'bigint') return int(value)
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? int(value) : double(value)
  if (Array.isArray(value)) return list(value.map(json))
  if (typeof value === 'object')
    return map(Object.entries(value).map(([key, item]) => [key, json(item)] as const))
  throw new TypeError(`a ${typeof value} cannot stand in a workflow`)
}

/** `assign({ x: int(1) })`, or pairs when targets repeat. A target may be a path: `'results["a"][0]'`. */
export function assign(
  targets: Readonly<Record<string, Value>> | Pairs<string>,
  next: Next = {},
): AssignBody {
  const pairs: Pairs<string> = isPairs(targets) ? targets : Object.entries(targets)
  const assignments = pairs.map(([target, value]) => Object.freeze({ target: parseTarget(target), value }))
  return Object.freeze({ kind: 'assign', assignments: Object.freeze(assignments), ...next })
}

interface CallOptions extends Next {
  readonly args?: MapValue | ListValue | Readonly<Record<string, Value>>
  readonly result?: string
}

/** `call('sys.log', { args: { text: expr('x') }, result: 'r' })`; a list value gives positional arguments. */
export function call(callee: string, { args, result, next }: CallOptions = {}): CallBody {
  return Object.freeze({
    kind: 'call',
    callee,
    ...(args !== undefined && { args: isArgs(args) ? args : map(args) }),
    ...(result !== undefined && { result }),
    ...(next !== undefined && { next }),
  })
}

function isArgs(args: MapValue | ListValue | Readonly<Record<string, Value>>): args is MapValue | ListValue {
  return 'kind' in args && typeof args.kind === 'string'
}

/** `switchOn([when('x > 1', goto('big')), otherwise(returns(nul))])`; `next` applies when nothing matches. */
export function switchOn(conditions: readonly SwitchCondition[], next: Next = {}): SwitchBody {
  return Object.freeze({ kind: 'switch', conditions: Object.freeze([...conditions]), ...next })
}

/** An entry of a switch; the condition is an expression without `${}`. */
export function when(condition: string, body: StepBody): SwitchCondition {
  return Object.freeze({ condition: expr(condition), body })
}

/** The last entry of a switch: `condition: true`. */
export function otherwise(body: StepBody): SwitchCondition {
  return Object.freeze({ condition: bool(true), body })
}

/** A body that only jumps: to a step, `end`, `break` or `continue`. */
export function goto(next: string): NextBody {
  return Object.freeze({ kind: 'next', next })
}

/** A loop over a list. `index` names the 0-based position. */
export function loopIn(value: string, items: Value, body: readonly Step[], index?: string): Loop {
  return Object.freeze({
    value,
    ...(index !== undefined && { index }),
    in: items,
    steps: Object.freeze([...body]),
  })
}

/** A loop over numbers, both ends included; `range` is one expression such as `[1, len(items)]`, without `${}`. */
export function loopRange(value: string, range: string, body: readonly Step[]): Loop {
  return Object.freeze({ value, range: expr(range), steps: Object.freeze([...body]) })
}

/** `forEach(loopIn('item', expr('items'), [step(…)]))` */
export function forEach(loop: Loop, next: Next = {}): ForBody {
  return Object.freeze({ kind: 'for', loop, ...next })
}

interface ParallelOptions extends Next {
  readonly shared?: readonly string[]
  readonly concurrencyLimit?: Value
}

/** `parallel([branch('a', […]), branch('b', […])], { shared: ['x'] })`, or `parallel(loopIn(…))`. */
export function parallel(work: readonly Branch[] | Loop, options: ParallelOptions = {}): ParallelBody {
  const { shared = [], concurrencyLimit, next } = options
  return Object.freeze({
    kind: 'parallel',
    shared: Object.freeze([...shared]),
    ...(concurrencyLimit !== undefined && { concurrencyLimit }),
    ...(isLoop(work) ? { loop: work } : { branches: Object.freeze([...work]) }),
    ...(next !== undefined && { next }),
  })
}

function isLoop(work: readonly Branch[] | Loop): work is Loop {
  return !Array.isArray(work)
}

/** A named branch of a parallel step. */
export function branch(name: string, body: readonly Step[]): Branch {
  return Object.freeze({ name, steps: Object.freeze([...body]) })
}

interface TryOptions extends Next {
  readonly retry?: RetryPolicy
  readonly except?: ExceptBlock
}

/** `tryBody(call('http.get', …), { retry: retryPolicy('http.default_retry'), except: except('e', […]) })` */
export function tryBody(body: Block, options: TryOptions): TryBody {
  return Object.freeze({ kind: 'try', body, ...options })
}

/** A predefined policy or a variable that holds one, as an expression without `${}`. */
export function retryPolicy(policy: string): RetryPolicy {
  return Object.freeze({ kind: 'policy', policy: expr(policy) })
}

interface RetryOptions {
  /** The name of a predicate or of a subworkflow that takes the error. */
  readonly predicate: string
  /** Retries after the first attempt. */
  readonly maxRetries: Value
  /** Delays in seconds. */
  readonly initialDelay: Value
  readonly maxDelay: Value
  readonly multiplier: Value
}

/** A retry policy of one's own. */
export function retry(options: RetryOptions): RetryPolicy {
  return Object.freeze({ kind: 'retry', ...options, predicate: expr(options.predicate) })
}

/** A handler: the variable that gets the error, and what to do then. */
export function except(as: string, body: readonly Step[]): ExceptBlock {
  return Object.freeze({ as, steps: Object.freeze([...body]) })
}

/** A body that raises a string or a map as an error. */
export function raises(value: Value): RaiseBody {
  return Object.freeze({ kind: 'raise', value })
}

/** A body that ends the subworkflow with a value. */
export function returns(value: Value): ReturnBody {
  return Object.freeze({ kind: 'return', value })
}

/** A group of steps without a name of its own. */
export function steps(body: readonly Step[], next: Next = {}): StepsBody {
  return Object.freeze({ kind: 'steps', steps: Object.freeze([...body]), ...next })
}

/** A named step; the comment is printed above it. */
export function step(name: string, body: StepBody, comment?: string): Step {
  return Object.freeze({ kind: 'step', name, body, ...(comment !== undefined && { comment }) })
}

/**
 * A parameter; without a default the caller must give it. A default is a literal: throws RangeError for an expression,
 * and for text that reads as one, which no source can hold there.
 */
export function param(name: string, defaultValue?: Value): Parameter {
  return Object.freeze({ name, ...(defaultValue !== undefined && { default: literal(name, defaultValue) }) })
}

/** A default, with text that `str` has hidden in expressions shown again. */
function literal(name: string, value: Value): Value {
  switch (value.kind) {
    case 'list':
      return list(value.items.map((item) => literal(name, item)))
    case 'map':
      return Object.freeze({
        kind: 'map',
        entries: value.entries.map(({ key, value: item }) => ({
          key: typeof key === 'string' ? writableText(name, key) : literalText(name, key),
          value: literal(name, item),
        })),
      })
    case 'expression':
      return Object.freeze({ kind: 'string', value: literalText(name, value) })
    case 'string':
      return Object.freeze({ kind: 'string', value: writableText(name, value.value) })
    default:
      return value
  }
}

function literalText(name: string, { expression, source }: ExpressionValue): string {
  if (expression.kind === 'literal' && typeof expression.value === 'string') {
    return writableText(name, expression.value)
  }
  throw new RangeError(`the default of parameter ${name} must be a literal, got the expression ${source}`)
}

function writableText(name: string, text: string): string {
  if (expressionSource(text) === undefined) return text
  throw new RangeError(`the default of parameter ${name} reads as an expression: ${text}`)
}

/** `subworkflow('main', ['args'], [step(…)])` */
export function subworkflow(
  name: string,
  params: readonly (string | Parameter)[],
  body: readonly Step[],
  comment?: string,
): Subworkflow {
  return Object.freeze({
    kind: 'subworkflow',
    name,
    params: Object.freeze(params.map((entry) => (typeof entry === 'string' ? param(entry) : entry))),
    steps: Object.freeze([...body]),
    ...(comment !== undefined && { comment }),
  })
}

/** A whole source; `main` comes first, the comment is printed at its head. */
export function document(subworkflows: readonly Subworkflow[], comment?: string): WorkflowDocument {
  return Object.freeze({
    kind: 'document',
    subworkflows: Object.freeze([...subworkflows]),
    ...(comment !== undefined && { comment }),
  })
}
