import { type Context, rootEnv, uniqueName, viewContext } from '../analyze/context.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { missingTable, resolvePath } from '../analyze/table.ts'
import { typed } from '../analyze/typed.ts'
import type { DdlPlan, Of } from '../script/plan.ts'
import { nothing } from '../script/plan.ts'
import { readOptions } from '../script/options.ts'
import type { Session } from '../script/session.ts'
import { Cursor } from '../../../sql/parser/cursor.ts'
import { parseQuery } from '../../../sql/parser/query.ts'
import { invalid, notFound, unsupported } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import { isNumber, isScalar, type Type, typeText } from '../types/type.ts'
import { encoded, encodings } from './encode.ts'
import type { Input, ModelSettings, StoredModel } from './model.ts'
import { readModelOptions } from './options.ts'
import { inputStatistics, train } from './train.ts'

interface Named {
  readonly name: string
  readonly type: Type
}

/** Columns c0, c1 … with distinct names. */
export interface InputQuery {
  readonly sql: string
  readonly columns: readonly Named[]
}

export function planCreateModel(statement: Of<'createModel'>, session: Session): DdlPlan {
  const context = session.context()
  const { dataset, table: model } = resolvePath(statement.path, context)
  const { settings, kept } = readModelOptions(statement.options, rootEnv(context), statement.at)
  if (!context.catalog.dataset(dataset))
    throw missingTable({ dataset, table: model }, statement.path.at, context)
  const existing = context.catalog.model(dataset, model)
  const ddl = {
    operation: existing ? ('REPLACE' as const) : ('CREATE' as const),
    model: { dataset, model },
  }
  if (existing && !statement.orReplace) {
    if (statement.ifNotExists) return { ddl: { ...ddl, operation: 'SKIP' }, run: nothing }
    throw invalid(statement.path.at, `Already Exists: Model ${context.project}:${dataset}.${model}`)
  }
  if (!statement.query) throw invalid(statement.at, 'CREATE MODEL needs a query: AS SELECT …')
  const input = inputQuery(statement.query, context, statement.at)
  const data = statement.transformText === null ? input : transformed(statement.transformText, input, context)
  const columns = data.columns.slice(0, data.columns.length - (data === input ? 0 : input.columns.length))
  const { label, features, split } = roles(columns, settings, statement.at)
  const terms = features.flatMap((column) => encodings(column, statement.at))
  const value = (name: string) => {
    const i = columns.findIndex((column) => column.name === name)
    return typed(`q.c${i}`, columns[i]!.type)
  }
  const items = [
    `CAST(${value(label.name).sql} AS DOUBLE) AS y`,
    `${split ? value(split.name).sql : 'NULL'} AS s`,
    ...terms.map(({ source }, i) => `${encoded(value(source.column), source)} AS x${i}`),
  ]
  const unique = `model${session.unique()}`
  const { now } = session.request
  return {
    ddl,
    run: async (changes) => {
      const { connection, request } = session
      const trained = await train(connection, {
        sql: `SELECT ${items.join(', ')} FROM (${data.sql}) AS q`,
        encodings: terms,
        settings,
        unique,
        signal: request.signal,
      })
      const statistics = await inputStatistics(
        connection,
        `(${data.sql}) AS q`,
        features.map((column) => ({
          ...inputOf(column),
          sql: isNumber(column.type) ? `CAST(${value(column.name).sql} AS DOUBLE)` : value(column.name).sql,
          kind: isNumber(column.type) ? 'numeric' : column.type.kind === 'scalar' ? 'category' : 'other',
        })),
      )
      const stored: StoredModel = {
        dataset,
        model,
        label: inputOf(label),
        inputs: features.map(inputOf),
        statistics,
        transform:
          statement.transformText === null
            ? null
            : { list: statement.transformText, inputs: input.columns.map(inputOf) },
        ...trained,
        settings,
        ...(kept.description ? { description: kept.description } : {}),
        labels: kept.labels ?? {},
        ...(kept.expiresAt ? { expiresAt: kept.expiresAt } : {}),
        createdAt: existing?.createdAt ?? now,
        modifiedAt: now,
      }
      changes.push({ kind: 'putModel', model: stored })
    },
  }
}

export function planAlterModel(statement: Of<'alterModel'>, session: Session): DdlPlan {
  const context = session.context()
  const { dataset, table: model } = resolvePath(statement.path, context)
  const existing = context.catalog.model(dataset, model)
  const ddl = { operation: 'ALTER' as const, model: { dataset, model } }
  if (!existing) {
    if (statement.ifExists) return { ddl: { ...ddl, operation: 'SKIP' }, run: nothing }
    throw notFound(statement.path.at, `Not found: Model ${context.project}:${dataset}.${model}`)
  }
  const options = readOptions(statement.options, rootEnv(context))
  const { description: _text, expiresAt: _time, ...rest } = existing
  const description = options.description === undefined ? existing.description : options.description
  const expiresAt = options.expiresAt === undefined ? existing.expiresAt : options.expiresAt
  const changed: StoredModel = {
    ...rest,
    ...(description === undefined || description === null ? {} : { description }),
    ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
    labels: options.labels ?? existing.labels,
    modifiedAt: session.request.now,
  }
  return { ddl, run: async (changes) => void changes.push({ kind: 'putModel', model: changed }) }
}

function inputOf({ name, type }: Named): Input {
  return { name, type: typeText(type) }
}

function inputQuery(query: Of<'query'>['query'], context: Context, at: number): InputQuery {
  const analyzed = analyzeQuery(query, rootEnv(context))
  const columns = analyzed.columns.map(({ name, type }) => {
    if (name === null) throw invalid(at, 'The columns of the training query must be named')
    return { name, type }
  })
  for (const [i, { name }] of columns.entries())
    if (columns.findIndex((other) => other.name.toLowerCase() === name.toLowerCase()) < i)
      throw invalid(at, `Duplicate column name ${name} in the training query`)
  return { sql: analyzed.sql, columns }
}

/** The input's rows with the columns of a TRANSFORM list, followed by those of the input itself. */
export function transformed(list: string, input: InputQuery, context: Context): InputQuery {
  const text = `SELECT ${list}, _input.* FROM _input`
  return withSource(text, () => {
    const query = parseQuery(new Cursor(text))
    const emitted = uniqueName(context, 'input')
    const scope = { name: '_input', emitted, columns: input.columns, valueTable: false, query }
    const env = { ...rootEnv(viewContext(context, 'TRANSFORM')), common: [scope] }
    const analyzed = analyzeQuery(query, env)
    const columns = analyzed.columns.map(({ name, type }) => {
      if (name === null) throw invalid(0, 'The expressions of TRANSFORM must be named')
      return { name, type }
    })
    return { sql: `WITH ${emitted} AS (${input.sql}) ${analyzed.sql}`, columns }
  })
}

function roles(
  columns: readonly Named[],
  settings: ModelSettings,
  at: number,
): { label: Named; features: readonly Named[]; split: Named | null } {
  const find = (name: string): Named | undefined =>
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  const label = find(settings.label ?? 'label')
  if (!label)
    throw invalid(
      at,
      settings.label === null
        ? "Unable to identify the label column in the training data: name it 'label' or set input_label_cols"
        : `Unable to find the label column ${settings.label} in the training data`,
    )
  if (!isNumber(label.type))
    throw invalid(
      at,
      `The label column ${label.name} of a LINEAR_REG model must be numeric, not ${typeText(label.type)}`,
    )
  const split = settings.splitColumn === null ? null : find(settings.splitColumn)
  if (split === undefined)
    throw invalid(at, `Unable to find data_split_col ${settings.splitColumn} in the training data`)
  if (split && settings.split === 'CUSTOM' && !isScalar(split.type, 'BOOL'))
    throw invalid(at, `data_split_col ${split.name} must be a BOOL column with data_split_method = 'CUSTOM'`)
  const ordered = ['INT64', 'NUMERIC', 'BIGNUMERIC', 'FLOAT64', 'TIMESTAMP'] as const
  if (split && settings.split === 'SEQ' && !isScalar(split.type, ...ordered))
    throw invalid(at, `data_split_col ${split.name} must be numeric or a TIMESTAMP with 'SEQ'`)
  if (split && isScalar(split.type, 'BIGNUMERIC')) throw unsupported(at, 'BIGNUMERIC data_split_col')
  const features = columns.filter((column) => column !== label && column !== split)
  if (features.length === 0) throw invalid(at, 'The training data has no feature columns')
  return { label, features, split }
}
