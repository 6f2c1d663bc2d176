import { coerceOrFail } from '../analyze/coerce.ts'
import { rootEnv } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { resolvePath } from '../analyze/table.ts'
import { nullOf, type Typed } from '../analyze/typed.ts'
import { resolveType } from '../analyze/types.ts'
import type { RoutineMetadata } from '../warehouse.ts'
import { parseRoutineType } from './text.ts'
import { invalid, notFound } from '../../../sql/problem.ts'
import type { Name } from '../../../sql/syntax.ts'
import type { Of } from './plan.ts'
import type { Session } from './session.ts'
import { keep } from './variables.ts'

/** A call whose arguments have been evaluated. */
export interface PreparedCall {
  readonly routine: RoutineMetadata
  /** The procedure's arguments as its variables. */
  readonly variables: ReadonlyMap<string, Typed>
  /** Caller's variables that take the values of OUT and INOUT arguments. */
  readonly outputs: readonly { readonly argument: string; readonly variable: Name }[]
}

/** A procedure sees its arguments as names, not its caller's variables. */
export async function prepareCall(statement: Of<'call'>, session: Session): Promise<PreparedCall> {
  const context = session.context()
  const { dataset, table: name } = resolvePath(statement.path, context)
  const routine = context.catalog.routine(dataset, name)
  if (routine?.kind !== 'PROCEDURE')
    throw notFound(statement.path.at, `Not found: Procedure ${context.project}:${dataset}.${name}`)
  if (routine.arguments.length !== statement.arguments.length)
    throw invalid(
      statement.at,
      `Procedure ${dataset}.${name} takes ${routine.arguments.length} arguments, got ${statement.arguments.length}`,
    )
  const variables = new Map<string, Typed>()
  const outputs: { argument: string; variable: Name }[] = []
  for (const [i, argument] of routine.arguments.entries()) {
    const given = statement.arguments[i]!
    const key = argument.name.toLowerCase()
    const mode = argument.mode ?? 'IN'
    const syntax = parseRoutineType(argument.type)
    if (mode !== 'IN') {
      const known = given.kind === 'name' ? session.variables.get(given.name.toLowerCase()) : undefined
      if (given.kind !== 'name' || !known)
        throw invalid(given.at, `Argument ${argument.name} of mode ${mode} must be a variable`)
      outputs.push({ argument: key, variable: { text: given.name, at: given.at } })
    }
    if (mode === 'OUT') {
      const type = syntax
        ? resolveType(syntax)
        : session.variables.get((given as Of<never> & { name: string }).name.toLowerCase())!.type
      variables.set(key, await keep(nullOf(type), session))
      continue
    }
    const value = analyzeExpression(given, rootEnv(context))
    const coerced = syntax
      ? coerceOrFail(value, resolveType(syntax), given.at, `Argument ${argument.name}`)
      : value
    variables.set(key, await keep(coerced, session))
  }
  return { routine, variables, outputs }
}
