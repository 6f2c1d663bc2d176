import { rootEnv } from '../analyze/context.ts'
import { missingTable, resolvePath } from '../analyze/table.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { physicalTable } from '../catalog/physical.ts'
import { execute } from '../engine/database.ts'
import { columnSql } from '../engine/store.ts'
import { invalid, notFound } from '../../../sql/problem.ts'
import { duckType, quoteName } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'
import { readOptions, type Options } from './options.ts'
import type { Session } from './session.ts'
import { type DdlPlan, type Of, nothing } from './plan.ts'
import { defaultText, fieldOfSyntax, fieldsOf } from './columns.ts'
import { addKey } from './keys.ts'
import { castColumn, widenType } from './widen.ts'

export function planAlterTable(statement: Of<'alterTable'>, session: Session, source: string): DdlPlan {
  const context = session.context()
  const name = resolvePath(statement.path, context)
  const existing = context.catalog.table(name)
  if (!existing) {
    if (statement.ifExists) return { ddl: { operation: 'SKIP', table: name }, run: nothing }
    throw missingTable(name, statement.path.at, context)
  }
  const kind = existing.kind === 'TABLE' ? 'TABLE' : existing.materialized ? 'MATERIALIZED_VIEW' : 'VIEW'
  if (statement.object !== kind)
    throw invalid(
      statement.path.at,
      `ALTER ${words(statement.object)} cannot operate on ${name.dataset}.${name.table}, which is a ${words(kind).toLowerCase()}`,
    )
  const env = rootEnv(context)
  const sql: string[] = []
  let entry = existing
  let renamed: string | null = null
  const alter = (text: string): void => void sql.push(`ALTER TABLE ${existing.physical} ${text}`)
  const field = (column: string, at: number): StoredField => {
    const found = entry.schema.find((item) => item.name.toLowerCase() === column.toLowerCase())
    if (!found) throw notFound(at, `Column not found: ${column}`)
    return found
  }
  const has = (column: string): boolean =>
    entry.schema.some((item) => item.name.toLowerCase() === column.toLowerCase())
  const change = (old: StoredField, changed: StoredField): void => {
    entry = { ...entry, schema: entry.schema.map((item) => (item === old ? changed : item)) }
  }
  for (const action of statement.actions) {
    if (entry.snapshot && action.kind !== 'setOptions')
      throw invalid(action.at, `${name.dataset}.${name.table} is a snapshot and cannot be modified`)
    if (entry.kind === 'VIEW' && action.kind !== 'setOptions')
      throw invalid(action.at, 'A view has no columns of its own to alter')
    if ('ifExists' in action && 'column' in action && action.ifExists && !has(action.column)) continue
    switch (action.kind) {
      case 'addColumn': {
        const known = entry.schema.some(
          (item) => item.name.toLowerCase() === action.column.name.toLowerCase(),
        )
        if (known && action.ifNotExists) break
        if (known) throw invalid(action.at, `Column already exists: ${action.column.name}`)
        const [added] = fieldsOf([action.column], env, source)
        if (added!.mode === 'REQUIRED')
          throw invalid(action.at, `Cannot add required column ${added!.name} to an existing table`)
        if (added!.defaultValue !== undefined)
          throw invalid(action.at, 'A column with a default cannot be added to an existing table')
        alter(`ADD COLUMN ${quoteName(added!.name)} ${columnSql(added!)}`)
        if (added!.mode === 'REPEATED')
          sql.push(`UPDATE ${existing.physical} SET ${quoteName(added!.name)} = []`)
        entry = { ...entry, schema: [...entry.schema, added!] }
        break
      }
      case 'dropColumn': {
        if (
          action.ifExists &&
          !entry.schema.some((item) => item.name.toLowerCase() === action.column.toLowerCase())
        )
          break
        const gone = field(action.column, action.at)
        const used = [entry.partitioning?.field, entry.rangePartitioning?.field, ...(entry.clustering ?? [])]
        if (used.some((other) => other?.toLowerCase() === gone.name.toLowerCase()))
          throw invalid(action.at, `Column ${gone.name} is used for partitioning or clustering`)
        alter(`DROP COLUMN ${quoteName(gone.name)}`)
        entry = { ...entry, schema: entry.schema.filter((item) => item !== gone) }
        break
      }
      case 'renameColumn': {
        if (
          action.ifExists &&
          !entry.schema.some((item) => item.name.toLowerCase() === action.column.toLowerCase())
        )
          break
        const old = field(action.column, action.at)
        if (entry.partitioning?.field === old.name || entry.clustering?.includes(old.name))
          throw invalid(action.at, `Column ${old.name} is used for partitioning or clustering`)
        alter(`RENAME COLUMN ${quoteName(old.name)} TO ${quoteName(action.to)}`)
        change(old, { ...old, name: action.to })
        break
      }
      case 'columnOptions': {
        const old = field(action.column, action.at)
        const { description } = readOptions(action.options, env)
        const { description: _gone, ...rest } = old
        change(old, description ? { ...rest, description } : rest)
        break
      }
      case 'columnDefault': {
        const old = field(action.column, action.at)
        const { defaultValue: _gone, ...rest } = old
        change(
          old,
          action.value ? { ...rest, defaultValue: defaultText(action.value, old, env, source) } : rest,
        )
        break
      }
      case 'dropNotNull': {
        const old = field(action.column, action.at)
        alter(`ALTER COLUMN ${quoteName(old.name)} DROP NOT NULL`)
        change(old, { ...old, mode: 'NULLABLE' })
        break
      }
      case 'columnType': {
        const old = field(action.column, action.at)
        const wider = widenType(old, fieldOfSyntax(old.name, action.type, env), action.at)
        const [from, to] = [duckType(typeOfField(old)), duckType(typeOfField(wider))]
        if (from !== to)
          alter(`ALTER COLUMN ${quoteName(old.name)} TYPE ${to} USING ${castColumn(old, wider, action.at)}`)
        change(old, wider)
        break
      }
      case 'addKey': {
        const taken =
          action.key.kind === 'primary'
            ? entry.primaryKey !== undefined
            : entry.foreignKeys?.some(({ name: other }) => other === action.key.name) === true
        if (taken && action.ifNotExists) break
        entry = { ...entry, ...addKey(entry, action.key, entry.schema, name, context) }
        break
      }
      case 'dropPrimaryKey': {
        if (!entry.primaryKey && !action.ifExists)
          throw invalid(action.at, `Table ${name.dataset}.${name.table} has no primary key`)
        const { primaryKey: _gone, ...rest } = entry
        entry = rest
        break
      }
      case 'dropConstraint': {
        const kept = (entry.foreignKeys ?? []).filter(({ name: other }) => other !== action.name)
        if (kept.length === (entry.foreignKeys ?? []).length && !action.ifExists)
          throw invalid(action.at, `Constraint ${action.name} is not found`)
        const { foreignKeys: _gone, ...rest } = entry
        entry = kept.length > 0 ? { ...rest, foreignKeys: kept } : rest
        break
      }
      case 'setOptions':
        entry = withOptions(entry, readOptions(action.options, env), action.at)
        break
      case 'renameTo':
        renamed = action.name
        if (context.catalog.table({ ...name, table: renamed }))
          throw invalid(action.at, `Already Exists: Table ${context.project}:${name.dataset}.${renamed}`)
    }
  }
  const modified = { ...entry, modifiedAt: session.request.now }
  const moved =
    renamed === null
      ? modified
      : { ...modified, table: renamed, physical: physicalTable({ ...name, table: renamed }) }
  if (renamed !== null) alter(`RENAME TO ${moved.physical.split('.').at(-1)}`)
  return {
    ddl: { operation: 'ALTER', table: name },
    run: async (changes) => {
      for (const text of sql) await execute(session.connection, text)
      if (renamed !== null) changes.push({ kind: 'dropTable', name })
      changes.push({ kind: 'putTable', entry: moved })
    },
  }
}

function withOptions(entry: TableEntry, options: Options, at: number): TableEntry {
  const changed: { -readonly [K in keyof TableEntry]: TableEntry[K] } = { ...entry }
  if (options.description === null) delete changed.description
  else if (options.description !== undefined) changed.description = options.description
  if (options.friendlyName === null) delete changed.friendlyName
  else if (options.friendlyName !== undefined) changed.friendlyName = options.friendlyName
  if (options.expiresAt === null) delete changed.expiresAt
  else if (options.expiresAt !== undefined) changed.expiresAt = options.expiresAt
  if (options.labels) changed.labels = options.labels
  if (options.requirePartitionFilter !== undefined)
    changed.requirePartitionFilter = options.requirePartitionFilter
  if (options.partitionExpirationMs !== undefined) {
    if (!entry.partitioning)
      throw invalid(at, 'partition_expiration_days is only allowed on tables partitioned by time')
    const { expirationMs: _gone, ...rest } = entry.partitioning
    changed.partitioning =
      options.partitionExpirationMs === null ? rest : { ...rest, expirationMs: options.partitionExpirationMs }
  }
  return changed
}

function words(object: Of<'alterTable'>['object']): string {
  return object.replace('_', ' ')
}
