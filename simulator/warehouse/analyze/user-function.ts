import type { Call } from '../../../sql/syntax.ts'
import { invalid } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import { coerceOrFail } from './coerce.ts'
import { type Context, type Env, rootEnv, type UserFunction } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { typed, type Typed } from './typed.ts'
import { resolveType } from './types.ts'

type CallNode = Call & { readonly at: number }

/** A SQL function made by CREATE FUNCTION, temporary ones first. */
export function findFunction(call: CallNode, env: Env): UserFunction | null {
  const { context } = env
  const names = call.name.flatMap((name) => name.text.split('.'))
  if (names.length === 1) return context.temporaryFunctions.get(names[0]!.toLowerCase()) ?? null
  const path = names.length === 3 && names[0] === context.project ? names.slice(1) : names
  return path.length === 2 ? (context.catalog.userFunction(path[0]!, path[1]!) ?? null) : null
}

/** The function's body in the place of the call, with its arguments as values. */
export function expandFunction(definition: UserFunction, call: CallNode, env: Env): Typed {
  const name = call.name.map((part) => part.text).join('.')
  if (call.arguments.length !== definition.arguments.length)
    throw invalid(
      call.at,
      `Function ${name} takes ${definition.arguments.length} arguments, got ${call.arguments.length}`,
    )
  if (env.context.expanding.includes(`function ${name}`))
    throw invalid(call.at, `Function ${name} calls itself`)
  const variables = new Map<string, Typed>()
  for (const [i, argument] of definition.arguments.entries()) {
    const given = analyzeExpression(call.arguments[i]!.value, env)
    const any = argument.type.kind === 'named' && argument.type.name === 'ANY TYPE'
    const value = any
      ? given
      : coerceOrFail(given, resolveType(argument.type), call.at, `Argument ${argument.name}`)
    variables.set(argument.name.toLowerCase(), typed(value.sql, value.type))
  }
  const context: Context = {
    ...env.context,
    variables,
    named: new Map(),
    positional: [],
    expanding: [...env.context.expanding, `function ${name}`],
  }
  const inner: Env = rootEnv(context)
  return withSource(definition.source, () => {
    const body = analyzeExpression(definition.body, inner)
    const result = definition.returns
      ? coerceOrFail(body, resolveType(definition.returns), definition.body.at, 'Function body')
      : body
    return typed(`(${result.sql})`, result.type)
  })
}
