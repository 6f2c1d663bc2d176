import type { CallNode } from '../analyze/call.ts'
import { coerceOrFail } from '../analyze/coerce.ts'
import type { Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import type { Typed } from '../analyze/typed.ts'
import { invalid } from '../../../sql/problem.ts'
import type { Type } from '../types/type.ts'

/** The arguments of a call that takes some by name: `f(x, mode => 'a')`. */
export interface Arguments {
  readonly positional: readonly Typed[]
  readonly named: ReadonlyMap<string, Typed>
}

/** Reads a call's arguments; `names` are those that may be given by name, with their types. */
export function readArguments(
  call: CallNode,
  counts: readonly [number, number],
  names: Readonly<Record<string, Type>>,
  env: Env,
): Arguments {
  const positional: Typed[] = []
  const named = new Map<string, Typed>()
  const title = call.name.map((part) => part.text.toUpperCase()).join('.')
  for (const argument of call.arguments) {
    const value = analyzeExpression(argument.value, env)
    if (argument.name === null) {
      if (named.size > 0)
        throw invalid(argument.at, 'Call to function has positional arguments after named arguments')
      positional.push(value)
      continue
    }
    const name = argument.name.toLowerCase()
    const type = Object.hasOwn(names, name) ? names[name] : undefined
    if (!type)
      throw invalid(
        argument.at,
        `Named argument ${argument.name} not found in signature for call to function ${title}`,
      )
    named.set(name, coerceOrFail(value, type, argument.at, `Argument ${name} of ${title}`))
  }
  if (positional.length < counts[0] || positional.length > counts[1])
    throw invalid(call.at, `Number of arguments does not match for function ${title}`)
  return { positional, named }
}
