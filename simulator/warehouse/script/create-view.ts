import { rootEnv, viewContext } from '../analyze/context.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { missingTable, resolvePath } from '../analyze/table.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { invalid } from '../../../sql/problem.ts'
import { readOptions } from './options.ts'
import type { Session } from './session.ts'
import { type DdlPlan, type Of, nothing } from './plan.ts'
import { schemaOf } from './columns.ts'

export function planCreateView(statement: Of<'createView'>, session: Session): DdlPlan {
  const context = session.context()
  const name = resolvePath(statement.path, context)
  if (!context.catalog.dataset(name.dataset)) throw missingTable(name, statement.path.at, context)
  const existing = context.catalog.table(name)
  if (existing && !statement.orReplace) {
    if (statement.ifNotExists) return { ddl: { operation: 'SKIP', table: name }, run: nothing }
    throw invalid(statement.path.at, `Already Exists: Table ${context.project}:${name.dataset}.${name.table}`)
  }
  if (existing && existing.kind !== 'VIEW')
    throw invalid(statement.path.at, `${name.dataset}.${name.table} is not a view`)
  const env = rootEnv(viewContext(context, `${name.dataset}.${name.table}`))
  const viewQuery = statement.queryText
  const query = analyzeQuery(statement.query, env)
  if (statement.columns && statement.columns.length !== query.columns.length)
    throw invalid(statement.at, 'The view column list and its query differ in number of columns')
  const named = query.columns.map((column, i) => ({
    name: statement.columns?.[i]?.name.text ?? column.name,
    type: column.type,
  }))
  const schema = schemaOf(named, statement.at).map((field, i) => {
    const description = statement.columns?.[i]
      ? readOptions(statement.columns[i].options, env).description
      : undefined
    return description ? { ...field, description } : field
  })
  const options = readOptions(statement.options, env)
  const { now } = session.request
  const entry: TableEntry = {
    ...name,
    kind: 'VIEW',
    schema,
    viewQuery,
    ...(statement.materialized ? { materialized: true } : {}),
    physical: '',
    ...(options.description ? { description: options.description } : {}),
    ...(options.friendlyName ? { friendlyName: options.friendlyName } : {}),
    ...(options.expiresAt ? { expiresAt: options.expiresAt } : {}),
    labels: options.labels ?? {},
    createdAt: now,
    modifiedAt: now,
  }
  return {
    ddl: { operation: existing ? 'REPLACE' : 'CREATE', table: name },
    run: async (changes) => void changes.push({ kind: 'putTable', entry }),
  }
}
