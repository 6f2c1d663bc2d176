import { type Env, uniqueName } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { derived, type FromResult } from '../analyze/from.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { analyzeTable, resolvePath } from '../analyze/table.ts'
import { typed, type Typed } from '../analyze/typed.ts'
import { invalid, notFound, unsupported } from '../../../sql/problem.ts'
import type { Expression, From, Query, TableArgument } from '../../../sql/syntax.ts'
import { duckType, quoteText } from '../types/duck.ts'
import { arrayOf, FLOAT64, INT64, isNumber, STRING, structOf, type Type, typeText } from '../types/type.ts'
import { type InputQuery, transformed } from './create-model.ts'
import { metricNames, metricsSql, metricValues } from './metrics.ts'
import type { Input, StoredModel, Term } from './model.ts'
import { float, predictionSql } from './predict.ts'

type Call = From & { kind: 'tableFunction' }
type Named = { readonly name: string; readonly type: Type }

/** The functions of BigQuery ML that a linear regression has. */
const functions: Readonly<Record<string, (call: Call, model: StoredModel, env: Env) => FromResult>> = {
  PREDICT: predict,
  EVALUATE: evaluate,
  WEIGHTS: weights,
  TRAINING_INFO: (call, model, env) => (arity(call, 1), trainingInfo(call, model, env)),
  FEATURE_INFO: (call, model, env) => (arity(call, 1), featureInfo(call, model, env)),
}

export function analyzeModelFunction(call: Call, env: Env): FromResult {
  const name = call.path.parts.slice(1).join('.').toUpperCase()
  if (!Object.hasOwn(functions, name)) throw unsupported(call.at, `function ML.${name}`)
  const [first] = call.arguments
  if (first?.kind !== 'model')
    throw invalid(call.at, `ML.${name} takes a model first: ML.${name}(MODEL dataset.model, …)`)
  const { dataset, table: model } = resolvePath(first.path, env.context)
  const found = env.context.catalog.model(dataset, model)
  if (!found) throw notFound(first.at, `Not found: Model ${env.context.project}:${dataset}.${model}`)
  return functions[name]!(call, found, env)
}

/** The prediction first, then the columns of the data. */
function predict(call: Call, model: StoredModel, env: Env): FromResult {
  arity(call, 3)
  const data = dataOf(call.arguments[1], env)
  if (!data) throw invalid(call.at, 'ML.PREDICT needs a table or a query as its second argument')
  if (settingsOf(call.arguments[2], env).size > 0)
    throw unsupported(call.arguments[2]!.at, 'settings of ML.PREDICT for a LINEAR_REG model')
  const full = withTransform(model, data, env, call.at)
  const offset = full.columns.length - data.columns.length
  const prediction = predictionSql(model, columnIn(full, model, 'ML.PREDICT', call.at))
  const items = data.columns.map((_, i) => `q.c${offset + i} AS c${i + 1}`)
  const sql = `SELECT ${[`${prediction} AS c0`, ...items].join(', ')} FROM (${full.sql}) AS q`
  const columns = [{ name: `predicted_${model.label.name}`, type: FLOAT64 }, ...data.columns]
  return relation(sql, columns, call, env)
}

function evaluate(call: Call, model: StoredModel, env: Env): FromResult {
  arity(call, 3)
  const columns = metricNames.map((name) => ({ name, type: FLOAT64 }))
  const data = dataOf(call.arguments[1], env)
  const settings = settingsOf(call.arguments[data ? 2 : 1], env)
  if (settings.size > 0) throw unsupported(call.at, 'settings of ML.EVALUATE for a LINEAR_REG model')
  if (!data) {
    const values = metricValues(model.evaluation).map((value, i) => `${nullable(value)} AS c${i}`)
    return relation(`SELECT ${values.join(', ')}`, columns, call, env)
  }
  const full = withTransform(model, data, env, call.at)
  const column = columnIn(full, model, 'ML.EVALUATE', call.at)
  const label = column(model.label.name)
  const rows = `SELECT CAST(${label.sql} AS DOUBLE) AS y, ${predictionSql(model, column)} AS p FROM (${full.sql}) AS q`
  return relation(metricsSql(rows), columns, call, env)
}

const categoryType = structOf([
  { name: 'category', type: STRING },
  { name: 'weight', type: FLOAT64 },
])

/** Weights per unit of the input, or (standardize) per standard deviation. */
function weights(call: Call, model: StoredModel, env: Env): FromResult {
  arity(call, 2)
  const settings = settingsOf(call.arguments[1], env)
  const standardize = settings.get('standardize')
  if (settings.size > (standardize ? 1 : 0))
    throw unsupported(call.arguments[1]!.at, 'settings of ML.WEIGHTS other than standardize')
  if (standardize && standardize.sql !== 'TRUE' && standardize.sql !== 'FALSE')
    throw invalid(call.arguments[1]!.at, 'standardize must be TRUE or FALSE')
  const standard = standardize?.sql === 'TRUE'
  const type = arrayOf(categoryType)
  const columns: Named[] = [
    { name: 'processed_input', type: STRING },
    { name: 'weight', type: FLOAT64 },
    { name: 'category_weights', type },
  ]
  const none = `CAST([] AS ${duckType(type)})`
  const raw = (term: Term & { kind: 'numeric' }): number =>
    term.deviation > 0 ? term.weight / term.deviation : 0
  const rows = model.terms.map((term) =>
    term.kind === 'numeric'
      ? [quoteText(term.name), float(standard ? term.weight : raw(term)), none]
      : [quoteText(term.name), nullable(null), categoryWeights(term, type)],
  )
  const intercept = standard
    ? model.intercept
    : model.terms.reduce(
        (sum, term) => (term.kind === 'numeric' ? sum - raw(term) * term.mean : sum),
        model.intercept,
      )
  return relation(
    valuesSql([...rows, [quoteText('__INTERCEPT__'), float(intercept), none]]),
    columns,
    call,
    env,
  )
}

function categoryWeights(term: Term & { kind: 'category' }, type: Type): string {
  const items = term.categories.map(
    ({ category, weight }) =>
      `{'category': ${quoteText(category ?? '_null_filler')}, 'weight': ${float(weight)}}`,
  )
  return `CAST([${items.join(', ')}] AS ${duckType(type)})`
}

/** One row: the closed form is found in one step. */
function trainingInfo(call: Call, model: StoredModel, env: Env): FromResult {
  const columns: Named[] = [
    { name: 'training_run', type: INT64 },
    { name: 'iteration', type: INT64 },
    { name: 'loss', type: FLOAT64 },
    { name: 'eval_loss', type: FLOAT64 },
    { name: 'learning_rate', type: FLOAT64 },
    { name: 'duration_ms', type: INT64 },
  ]
  const { loss, evalLoss } = model.training
  const zero = 'CAST(0 AS BIGINT)'
  return relation(
    valuesSql([[zero, zero, float(loss), nullable(evalLoss), nullable(null), zero]]),
    columns,
    call,
    env,
  )
}

function featureInfo(call: Call, model: StoredModel, env: Env): FromResult {
  const columns: Named[] = [
    { name: 'input', type: STRING },
    ...['min', 'max', 'mean', 'median', 'stddev'].map((name) => ({ name, type: FLOAT64 })),
    ...['category_count', 'null_count', 'dimension'].map((name) => ({ name, type: INT64 })),
  ]
  const integer = (value: number | null): string => `CAST(${value ?? 'NULL'} AS BIGINT)`
  const rows = model.statistics.map((input) => [
    quoteText(input.name),
    ...[input.min, input.max, input.mean, input.median, input.stddev].map(nullable),
    integer(input.categoryCount),
    integer(input.nullCount),
    integer(null),
  ])
  return relation(valuesSql(rows), columns, call, env)
}

function arity(call: Call, most: number): void {
  if (call.arguments.length > most)
    throw invalid(call.at, `${call.path.parts.join('.')} takes at most ${most} arguments`)
}

/** The rows of a TABLE or query argument; null where there is none. */
function dataOf(argument: TableArgument | undefined, env: Env): InputQuery | null {
  if (argument?.kind === 'query') return namedColumns(argument.query, env, argument.at)
  if (argument?.kind !== 'table') return null
  const table = analyzeTable(
    { kind: 'table', at: argument.at, path: argument.path, alias: null, systemTime: false },
    env,
  )
  const columns = table.star.map((column) => ({ name: column.name ?? '', type: column.value.type }))
  const items = table.star.map((column, i) => `${column.value.sql} AS c${i}`)
  return { sql: `SELECT ${items.join(', ')} FROM ${table.sql}`, columns }
}

function namedColumns(query: Query, env: Env, at: number): InputQuery {
  const analyzed = analyzeQuery(query, env)
  const columns = analyzed.columns.map(({ name, type }) => {
    if (name === null) throw invalid(at, 'The columns of the data must be named')
    return { name, type }
  })
  return { sql: analyzed.sql, columns }
}

/** The STRUCT of settings, by lower-case name. */
function settingsOf(argument: TableArgument | undefined, env: Env): Map<string, Typed> {
  const settings = new Map<string, Typed>()
  if (argument === undefined) return settings
  const value: Expression | null = argument.kind === 'value' ? argument.value : null
  if (value?.kind !== 'struct') throw invalid(argument.at, 'Expected STRUCT(value AS name, …)')
  for (const { name, value: item } of value.items)
    settings.set(name?.toLowerCase() ?? '', analyzeExpression(item, env))
  return settings
}

function withTransform(model: StoredModel, data: InputQuery, env: Env, at: number): InputQuery {
  if (!model.transform) return data
  const wanted = new Set(model.transform.inputs.map(({ name }) => name.toLowerCase()))
  if (!data.columns.some(({ name }) => wanted.has(name.toLowerCase())))
    throw invalid(at, 'The data has none of the columns that the model transforms')
  return transformed(model.transform.list, data, env.context)
}

/** Finds the columns that the model needs. Numbers stand for each other; other types must be those of training. */
function columnIn(data: InputQuery, model: StoredModel, name: string, at: number): (column: string) => Typed {
  const inputs = new Map<string, Input>([...model.inputs, model.label].map((input) => [input.name, input]))
  return (column) => {
    const i = data.columns.findIndex((item) => item.name.toLowerCase() === column.toLowerCase())
    const found = data.columns[i]
    if (!found) throw invalid(at, `Missing column ${column} in the data of ${name}`)
    const { type } = inputs.get(column)!
    const numeric = isNumber(found.type) && ['INT64', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC'].includes(type)
    if (!numeric && typeText(found.type) !== type)
      throw invalid(
        at,
        `Column ${column} in the data of ${name} has type ${typeText(found.type)}; the model was trained with ${type}`,
      )
    return typed(`q.c${i}`, found.type)
  }
}

function relation(sql: string, columns: readonly Named[], call: Call, env: Env): FromResult {
  const alias = uniqueName(env.context, 't')
  return derived(`(${sql}) AS ${alias}`, alias, call.alias?.text ?? null, columns, false)
}

function valuesSql(rows: readonly (readonly string[])[]): string {
  return rows
    .map((row) => `SELECT ${row.map((value, i) => `${value} AS c${i}`).join(', ')}`)
    .join(' UNION ALL ')
}

function nullable(value: number | null): string {
  return value === null ? 'CAST(NULL AS DOUBLE)' : float(value)
}
