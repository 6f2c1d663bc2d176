import { aggregates } from '../functions/aggregates.ts'
import { scalars } from '../functions/index.ts'
import { special } from '../functions/special.ts'
import { windowFunctions } from '../functions/windows.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type {
  Expression,
  FrameBound,
  OrderItem,
  Select,
  WindowReference,
  WindowSpecification,
} from '../../../sql/syntax.ts'
import { isGroupable, isNumber, isScalar, kindText, typeText } from '../types/type.ts'
import { aggregateSql } from './aggregate.ts'
import { type CallNode, matchOrFail, missing, positional } from './call.ts'
import type { Env } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { orderTerms } from './query.ts'
import { typed, type Typed } from './typed.ts'

/** The WINDOW clause. */
export function analyzeWindowDefinitions(select: Select, env: Env): ReadonlyMap<string, WindowSpecification> {
  void env
  const windows = new Map<string, WindowSpecification>()
  for (const { name, reference } of select.windows)
    windows.set(name.text.toLowerCase(), resolve(reference, windows))
  return windows
}

function resolve(
  reference: WindowReference,
  windows: ReadonlyMap<string, WindowSpecification>,
): WindowSpecification {
  const named = (name: string): WindowSpecification => {
    const window = windows.get(name.toLowerCase())
    if (!window) throw invalid(reference.at, `Unrecognized window alias ${name}`)
    return window
  }
  if (reference.kind === 'named') return named(reference.name)
  const { window } = reference
  if (window.base === null) return window
  const base = named(window.base)
  if (window.partitionBy.length > 0 || (base.orderBy.length > 0 && window.orderBy.length > 0) || base.frame)
    throw invalid(reference.at, `Window alias ${window.base} cannot be extended in this way`)
  return {
    ...window,
    base: null,
    partitionBy: base.partitionBy,
    orderBy: base.orderBy.length > 0 ? base.orderBy : window.orderBy,
  }
}

/** f(…) OVER (…). */
export function analyzeWindowCall(call: CallNode, name: string, env: Env): Typed {
  if (env.noWindows) throw invalid(call.at, `Analytic function not allowed in ${env.noWindows}`)
  if (call.safe) throw unsupported(call.at, `SAFE.${name}`)
  const window = resolve(call.over!, env.windows)
  const inner: Env = { ...env, noWindows: 'an argument of an analytic function' }
  if (aggregates.has(name)) return aggregateSql(call, name, inner, windowSql(window, env, true))
  const entry = windowFunctions.get(name)
  if (!entry && (scalars.has(name) || special.has(name)))
    throw invalid(call.at, `Function ${name} does not support an OVER clause`)
  if (!entry) throw missing(call, name)
  if (call.nulls && !entry.nulls)
    throw invalid(call.at, `IGNORE NULLS and RESPECT NULLS are not allowed for analytic function ${name}`)
  if (window.frame && !entry.frame)
    throw invalid(window.frame.at, `Window framing clause is not allowed for analytic function ${name}`)
  if (entry.order === 'required' && window.orderBy.length === 0 && !entry.frame)
    throw invalid(call.at, `Window ORDER BY is required for analytic function ${name}`)
  if (entry.order === 'refused' && window.orderBy.length > 0)
    throw invalid(call.at, `Window ORDER BY is not allowed for analytic function ${name}`)
  const match = matchOrFail(entry, positional(call, inner), call.at, 'analytic function')
  if (['LAG', 'LEAD'].includes(name) && match.args[1] && match.args[1].literal?.kind !== 'int')
    throw unsupported(call.at, `${name} with an offset that is not constant`)
  const offset = ['LAG', 'LEAD'].includes(name) ? match.args[1]?.literal : undefined
  if (offset?.kind === 'int' && offset.value < 0n)
    throw invalid(call.at, `Offset argument to ${name} must be a non-negative integer`)
  if (name.startsWith('PERCENTILE') && call.nulls === 'RESPECT') {
    const [x, p] = match.args
    const list = `list(${x!.sql})${windowSql(window, env, false)}`
    return typed(percentileOfAll(name === 'PERCENTILE_DISC', list, p!.sql), match.result)
  }
  const head = match.signature.emit(
    match.args.map((arg) => arg.sql),
    { args: match.args, at: call.at, now: env.context.now },
  )
  const ignore = entry.frame ? `${call.nulls === 'IGNORE' ? ' IGNORE NULLS' : ''})` : ''
  return typed(`${head}${ignore}${windowSql(window, env, entry.frame)}`, match.result)
}

/** A percentile over all rows, NULLs before values; between a NULL and a value it is the value. */
function percentileOfAll(discrete: boolean, list: string, p: string): string {
  const sorted = `list_sort(${list}, 'ASC', 'NULLS FIRST')`
  if (discrete) return `(${sorted})[greatest(1, CAST(ceil(${p} * len(${sorted})) AS BIGINT))]`
  const at = `(${p} * (len(${sorted}) - 1))`
  const low = `(${sorted})[CAST(floor(${at}) AS BIGINT) + 1]`
  const high = `(${sorted})[CAST(ceil(${at}) AS BIGINT) + 1]`
  return `COALESCE(${low} + (${high} - ${low}) * (${at} - floor(${at})), CASE WHEN ${at} > floor(${at}) THEN COALESCE(${high}, ${low}) END)`
}

function windowSql(window: WindowSpecification, env: Env, framed: boolean): string {
  const parts: string[] = []
  if (window.partitionBy.length > 0)
    parts.push(`PARTITION BY ${window.partitionBy.map((key) => partitionKey(key, env)).join(', ')}`)
  const range =
    window.frame?.unit === 'RANGE' &&
    [window.frame.start, window.frame.end].some((bound) => 'offset' in bound)
  if (window.orderBy.length > 0)
    parts.push(`ORDER BY ${window.orderBy.flatMap((item) => orderKey(item, range, env)).join(', ')}`)
  if (window.frame && framed) {
    if (range && window.orderBy.length !== 1)
      throw invalid(window.frame.at, 'RANGE with an offset must have exactly one ORDER BY key')
    const bound = (side: FrameBound): string => boundSql(side, env)
    parts.push(`${window.frame.unit} BETWEEN ${bound(window.frame.start)} AND ${bound(window.frame.end)}`)
  }
  return ` OVER (${parts.join(' ')})`
}

function partitionKey(key: Expression, env: Env): string {
  const value = analyzeExpression(key, env)
  if (!isGroupable(value.type) || value.type.kind === 'array' || isScalar(value.type, 'FLOAT64'))
    throw invalid(key.at, `Partitioning by expressions of type ${kindText(value.type)} is not allowed`)
  return value.sql
}

function orderKey(item: OrderItem, range: boolean, env: Env): string[] {
  const value = analyzeExpression(item.value, env)
  if (range && !isNumber(value.type))
    throw invalid(
      item.at,
      `ORDER BY key must be numeric in a RANGE-based window with OFFSET PRECEDING or OFFSET FOLLOWING boundaries, but has type ${typeText(value.type)}`,
    )
  const terms = orderTerms(value, item)
  return range ? terms.slice(-1) : terms
}

function boundSql(bound: FrameBound, env: Env): string {
  if (!('offset' in bound)) return bound.kind
  const value = analyzeExpression(bound.offset, env)
  if (!value.literal || !isNumber(value.type))
    throw invalid(bound.offset.at, 'Window frame offset must be a literal or parameter')
  if (isScalar(value.type, 'FLOAT64') && bound.kind === 'PRECEDING') return `${value.sql} PRECEDING`
  return `${value.sql} ${bound.kind}`
}
