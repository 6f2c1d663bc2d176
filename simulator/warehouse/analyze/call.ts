import { aggregates } from '../functions/aggregates.ts'
import { choose, type FunctionEntry, type Match } from '../functions/define.ts'
import { scalars } from '../functions/index.ts'
import { special } from '../functions/special.ts'
import { isKnownFunction } from '../functions/known.ts'
import { windowFunctions } from '../functions/windows.ts'
import type { SqlProblem } from '../../../sql/problem.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Call } from '../../../sql/syntax.ts'
import { typeText } from '../types/type.ts'
import { analyzeAggregate } from './aggregate.ts'
import type { Env } from './context.ts'
import { safely } from './fail.ts'
import { analyzeExpression } from './expression.ts'
import { typed, type Typed } from './typed.ts'
import { expandFunction, findFunction } from './user-function.ts'
import { analyzeWindowCall } from './window.ts'

export type CallNode = Call & { readonly at: number }

/** A call of any kind of function; refused when it is not in the tables. */
export function analyzeCall(call: CallNode, env: Env): Typed {
  const name = functionName(call)
  const user = findFunction(call, env)
  if (user) return expandFunction(user, call, env)
  if (call.over) return analyzeWindowCall(call, name, env)
  if (aggregates.has(name) || name === 'GROUPING') {
    if (call.safe) throw unsupported(call.at, `SAFE.${name}`)
    return analyzeAggregate(call, name, env)
  }
  if (windowFunctions.has(name))
    throw invalid(call.at, `Analytic function ${name} cannot be called without an OVER clause`)
  refuseModifiers(call, name)
  const form = special.get(name)
  const result = form ? form(call, env) : analyzeScalar(call, name, env)
  return call.safe ? makeSafe(call, result, env) : result
}

export function functionName(call: Call): string {
  return call.name
    .map((part) => part.text)
    .join('.')
    .toUpperCase()
}

function refuseModifiers(call: CallNode, name: string): void {
  if (call.distinct || call.star || call.nulls || call.having || call.orderBy.length > 0 || call.limit)
    throw invalid(
      call.at,
      `Syntax error: ${name} does not support DISTINCT, ORDER BY, LIMIT, HAVING or NULLS`,
    )
}

function analyzeScalar(call: CallNode, name: string, env: Env): Typed {
  const entry = scalars.get(name)
  if (!entry) throw missing(call, name)
  const args = positional(call, env)
  return emit(matchOrFail(entry, args, call.at), call.at, env)
}

export function missing(call: CallNode, name: string): SqlProblem {
  if (isKnownFunction(name)) return unsupported(call.at, `function ${name}`)
  return invalid(call.at, `Function not found: ${call.name.map((part) => part.text).join('.')}`)
}

export function positional(call: CallNode, env: Env): Typed[] {
  return call.arguments.map((argument) => {
    if (argument.name !== null) throw unsupported(argument.at, `named argument ${argument.name}`)
    return analyzeExpression(argument.value, env)
  })
}

export function matchOrFail(
  entry: FunctionEntry,
  args: readonly Typed[],
  at: number,
  kind = 'function',
): Match {
  const match = choose(entry, args, at)
  if (match) return match
  const types = args.map((arg) => typeText(arg.type)).join(', ')
  const supported = entry.signatures
    .map((signature) => `${entry.name}(${signature.text.split('->')[0]!.trim()})`)
    .join('; ')
  throw invalid(
    at,
    `No matching signature for ${kind} ${entry.name} for argument types: ${types}. Supported signature: ${supported}`,
  )
}

function emit(match: Match, at: number, env: Env): Typed {
  const sql = match.signature.emit(
    match.args.map((arg) => arg.sql),
    { args: match.args, at, now: env.context.now },
  )
  return typed(sql, match.result)
}

/** SAFE.f(x): errors of f become NULL, errors of its arguments stay errors. */
function makeSafe(call: CallNode, result: Typed, env: Env): Typed {
  const args = call.arguments.flatMap((argument) => {
    if (
      argument.value.kind === 'interval' ||
      argument.value.kind === 'literal' ||
      argument.value.kind === 'name'
    )
      return []
    try {
      return [analyzeExpression(argument.value, env).sql]
    } catch {
      // A date part.
      return []
    }
  })
  if (/\bSELECT\b/.test(result.sql)) throw unsupported(call.at, 'SAFE with a subquery in its arguments')
  return typed(safely(result.sql, args, result.type), result.type)
}
