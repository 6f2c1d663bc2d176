import { analyzeModelFunction } from '../ml/table-functions.ts'
import { Cursor } from '../../../sql/parser/cursor.ts'
import { parseQuery } from '../../../sql/parser/query.ts'
import { parseType } from '../../../sql/parser/type.ts'
import { invalid, notFound, unsupported } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import type { Expression, From } from '../../../sql/syntax.ts'
import { coerceOrFail } from './coerce.ts'
import { type Env, rootEnv, uniqueName, viewContext } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { derived, type FromResult } from './from.ts'
import { analyzeQuery } from './query.ts'
import { resolvePath } from './table.ts'
import { typed, type Typed } from './typed.ts'
import { resolveType } from './types.ts'

type Call = From & { kind: 'tableFunction' }

/** A function in FROM: one of BigQuery ML, or one made by CREATE TABLE FUNCTION. */
export function analyzeTableFunction(call: Call, env: Env): FromResult {
  const { parts } = call.path
  if (parts.length === 2 && parts[0]!.toUpperCase() === 'ML') return analyzeModelFunction(call, env)
  if (parts.length === 1) throw unsupported(call.at, `table function ${parts[0]}`)
  const { context } = env
  const { dataset, table: name } = resolvePath(call.path, context)
  const routine = context.catalog.routine(dataset, name)
  if (routine?.kind !== 'TABLE_FUNCTION')
    throw notFound(call.at, `Table-valued function not found: ${parts.join('.')}`)
  const key = `table function ${dataset}.${name}`
  if (context.expanding.includes(key))
    throw invalid(call.at, `Table function ${parts.join('.')} calls itself`)
  if (call.arguments.length !== routine.arguments.length)
    throw invalid(
      call.at,
      `Table function ${parts.join('.')} takes ${routine.arguments.length} arguments, got ${call.arguments.length}`,
    )
  const variables = new Map<string, Typed>()
  for (const [i, argument] of routine.arguments.entries()) {
    const type = resolveType(parseType(new Cursor(argument.type)))
    const given = analyzeExpression(valueOf(call.arguments[i]!), { ...env, scope: null })
    const value = coerceOrFail(given, type, call.arguments[i]!.at, `Argument ${argument.name}`)
    variables.set(argument.name.toLowerCase(), typed(value.sql, value.type))
  }
  const body = withSource(routine.body, () =>
    analyzeQuery(
      parseQuery(new Cursor(routine.body)),
      rootEnv({ ...viewContext(context, key), variables, defaultDataset: dataset }),
    ),
  )
  const alias = uniqueName(context, 't')
  const columns = body.columns.map((column, i) => ({
    name: routine.columns?.[i]?.name ?? column.name,
    type: column.type,
  }))
  return derived(
    `(${body.sql}) AS ${alias}`,
    alias,
    call.alias?.text ?? parts.at(-1)!,
    columns,
    body.valueTable,
  )
}

function valueOf(argument: Call['arguments'][number]): Expression {
  if (argument.kind === 'value' && argument.name === null) return argument.value
  if (argument.kind === 'query')
    return { kind: 'subquery', at: argument.at, form: 'scalar', query: argument.query }
  throw unsupported(argument.at, 'argument of a table function other than a value')
}
