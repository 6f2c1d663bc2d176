import type { DuckDBConnection } from '@duckdb/node-api'
import { execute } from '../engine/database.ts'
import { WarehouseError } from '../warehouse.ts'
import type { Encoding } from './encode.ts'
import { metricsOf, metricsSql } from './metrics.ts'
import type { InputStatistics, ModelSettings, StoredModel, Term } from './model.ts'
import { NormalEquations } from './normal-equations.ts'
import { predictionOf } from './predict.ts'
import { evaluationRows } from './split.ts'

/** Training data on the connection: a query with columns y (label), s (split column) and x0 … (encoded terms). */
export interface TrainingData {
  readonly sql: string
  readonly encodings: readonly Encoding[]
  readonly settings: ModelSettings
  /** A name for temporary tables that nothing else has. */
  readonly unique: string
  readonly signal: AbortSignal | undefined
}

export type Trained = Pick<StoredModel, 'terms' | 'intercept' | 'training' | 'evaluation'>

/** Weights of more columns than this would take minutes; categories count one each. */
const widest = 2000

/** Fits the model. The rows stand in a temporary table meanwhile. */
export async function train(connection: DuckDBConnection, data: TrainingData): Promise<Trained> {
  const raw = `temp.main."${data.unique}_raw"`
  const table = `temp.main."${data.unique}_rows"`
  try {
    await execute(connection, `CREATE TEMP TABLE ${raw} AS SELECT * FROM (${data.sql}) WHERE y IS NOT NULL`)
    const [counted] = await rowsOf(
      connection,
      `SELECT count(*), count(*) FILTER (WHERE NOT isfinite(y)) FROM ${raw}`,
    )
    const [rows = 0, infinite = 0] = counted!.map(Number)
    if (rows === 0) throw fail('The training data has no rows with a label')
    if (infinite > 0) throw fail('The label column must not contain NaN or infinity')
    const evaluation = await evaluationRows(connection, raw, rows, data.settings)
    await execute(connection, `CREATE TEMP TABLE ${table} AS SELECT *, ${evaluation} AS e FROM ${raw} AS r`)
    return await fit(connection, table, data)
  } finally {
    for (const name of [raw, table]) await execute(connection, `DROP TABLE IF EXISTS ${name}`)
  }
}

async function fit(connection: DuckDBConnection, table: string, data: TrainingData): Promise<Trained> {
  const { settings, encodings } = data
  const [counts] = await rowsOf(
    connection,
    `SELECT count(*) FILTER (WHERE NOT e), count(*) FILTER (WHERE e) FROM ${table}`,
  )
  const [trainingRows = 0, evaluationCount = 0] = counts!.map(Number)
  if (trainingRows === 0) throw fail('No rows are left for training after the data split')
  const blank: Term[] = []
  for (const [i, encoding] of encodings.entries()) blank.push(await measure(connection, table, encoding, i))
  const { columns, size } = layout(blank, settings)
  if (size > widest)
    throw fail(`Unsupported in the local warehouse: a model of ${size} weights (at most ${widest})`)
  const equations = new NormalEquations(size)
  await accumulate(connection, table, blank, columns, settings.fitIntercept, equations, data.signal)
  const weights = equations.solve(settings.l2, settings.fitIntercept ? 0 : -1)
  const terms = blank.map((term, i) => weigh(term, columns[i]!, weights))
  const intercept = settings.fitIntercept ? weights[0]! : shift(terms)
  const model = { terms, intercept }
  const predicted = predictionOf(model, (_term, i) => `x${i}`)
  const errors = await rowsOf(
    connection,
    `SELECT avg(pow(y - p, 2)) FILTER (WHERE NOT e), avg(pow(y - p, 2)) FILTER (WHERE e) FROM (SELECT y, e, ${predicted} AS p FROM ${table})`,
  )
  const held = evaluationCount > 0 ? ' WHERE e' : ''
  const [metrics] = await rowsOf(connection, metricsSql(`SELECT y, ${predicted} AS p FROM ${table}${held}`))
  const [loss, evalLoss] = errors[0]!
  return {
    ...model,
    training: {
      loss: Number(loss),
      evalLoss: evaluationCount > 0 ? Number(evalLoss) : null,
      trainingRows,
      evaluationRows: evaluationCount,
    },
    evaluation: metricsOf(metrics!),
  }
}

/** A term's mean and deviation over all rows, or its categories among those trained on, the most frequent first. */
async function measure(
  connection: DuckDBConnection,
  table: string,
  encoding: Encoding,
  i: number,
): Promise<Term> {
  const { name, source } = encoding
  if (encoding.kind === 'numeric') {
    const [row] = await rowsOf(
      connection,
      `SELECT avg(x${i}), stddev_samp(x${i}), count(*) FILTER (WHERE NOT isfinite(x${i})) FROM ${table}`,
    )
    const [mean, deviation, infinite] = row!.map((cell) => Number(cell ?? 0))
    if (infinite! > 0) throw fail(`Feature ${name} must not contain NaN or infinity`)
    return { name, source, kind: 'numeric', mean: mean!, deviation: deviation!, weight: 0 }
  }
  const value = encoding.many ? `unnest(list_distinct(x${i}))` : `x${i}`
  const found = await rowsOf(
    connection,
    `SELECT k FROM (SELECT ${value} AS k FROM ${table} WHERE NOT e) GROUP BY k ORDER BY count(*) DESC, k`,
  )
  const categories = found.map(([category]) => ({
    category: textOf(category),
    weight: 0,
  }))
  return { name, source, kind: 'category', many: encoding.many, categories }
}

/** The first column of each term; a dummy-encoded one leaves out its most frequent category. */
function layout(
  terms: readonly Term[],
  settings: ModelSettings,
): { columns: ReadonlyMap<string | null, number>[]; size: number } {
  let size = settings.fitIntercept ? 1 : 0
  const columns = terms.map((term) => {
    if (term.kind === 'numeric') return new Map<string | null, number>([['', size++]])
    const skipped = settings.encoding === 'DUMMY_ENCODING' && !term.many ? 1 : 0
    return new Map(term.categories.slice(skipped).map(({ category }) => [category, size++]))
  })
  return { columns, size }
}

async function accumulate(
  connection: DuckDBConnection,
  table: string,
  terms: readonly Term[],
  columns: readonly ReadonlyMap<string | null, number>[],
  intercept: boolean,
  equations: NormalEquations,
  signal: AbortSignal | undefined,
): Promise<void> {
  const values = terms.map((term, i) => (term.kind === 'category' && term.many ? `to_json(x${i})` : `x${i}`))
  const result = await execute(connection, `SELECT ${['y', ...values].join(', ')} FROM ${table} WHERE NOT e`)
  for (let c = 0; c < result.chunkCount; c++) {
    // Others are answered meanwhile, and a cancelled job stops here.
    await new Promise((resolve) => setImmediate(resolve))
    if (signal?.aborted)
      throw new WarehouseError({ reason: 'stopped', message: 'Job execution was cancelled' })
    const chunk = result.getChunk(c)
    const vectors = Array.from({ length: terms.length + 1 }, (_, i) => chunk.getColumnVector(i))
    for (let row = 0; row < chunk.rowCount; row++) {
      const at: number[] = intercept ? [0] : []
      const x: number[] = intercept ? [1] : []
      for (const [i, term] of terms.entries())
        entries(term, vectors[i + 1]!.getItem(row), columns[i]!, intercept, at, x)
      equations.add(at, x, Number(vectors[0]!.getItem(row)))
    }
  }
}

/** Without an intercept numeric columns are not centred: the model then has no constant part at all. */
function entries(
  term: Term,
  value: unknown,
  columns: ReadonlyMap<string | null, number>,
  intercept: boolean,
  at: number[],
  x: number[],
): void {
  if (term.kind === 'numeric') {
    const raw = value === null ? term.mean : Number(value)
    at.push(columns.get('')!)
    x.push(term.deviation > 0 ? (raw - (intercept ? term.mean : 0)) / term.deviation : 0)
    return
  }
  const keys = term.many
    ? [...new Set(JSON.parse(textOf(value) ?? '[]') as (string | null)[])].filter((key) => key !== null)
    : [textOf(value)]
  const found = keys.map((key) => columns.get(key)).filter((column) => column !== undefined)
  for (const column of found.toSorted((a, b) => a - b)) {
    at.push(column)
    x.push(1)
  }
}

function weigh(term: Term, columns: ReadonlyMap<string | null, number>, weights: Float64Array): Term {
  if (term.kind === 'numeric') return { ...term, weight: weights[columns.get('')!]! }
  const categories = term.categories.map(({ category }) => {
    const column = columns.get(category)
    return { category, weight: column === undefined ? 0 : weights[column]! }
  })
  return { ...term, categories }
}

/** Prediction centres numeric terms; without an intercept that is undone by a constant. */
function shift(terms: readonly Term[]): number {
  return terms.reduce(
    (sum, term) =>
      term.kind === 'numeric' && term.deviation > 0 ? sum + (term.weight * term.mean) / term.deviation : sum,
    0,
  )
}

/** One row per input column, as ML.FEATURE_INFO shows it. `columns` are the inputs' SQL over `source`. */
export async function inputStatistics(
  connection: DuckDBConnection,
  source: string,
  columns: readonly { name: string; type: string; sql: string; kind: 'numeric' | 'category' | 'other' }[],
): Promise<InputStatistics[]> {
  const statistics: InputStatistics[] = []
  for (const { name, type, sql, kind } of columns) {
    const number = (aggregate: string): string => (kind === 'numeric' ? `${aggregate}(v)` : 'NULL')
    const [row] = await rowsOf(
      connection,
      `SELECT ${['min', 'max', 'avg', 'median', 'stddev_samp'].map(number).join(', ')}, ${kind === 'category' ? 'count(DISTINCT v)' : 'NULL'}, count(*) - count(v) FROM (SELECT ${sql} AS v FROM ${source})`,
    )
    const cells = row!.map((cell) => (cell === null ? null : Number(cell)))
    const [min = null, max = null, mean = null, median = null, stddev = null, categoryCount = null, nulls] =
      cells
    statistics.push({
      name,
      type,
      min,
      max,
      mean,
      median,
      stddev,
      categoryCount,
      nullCount: nulls ?? 0,
    })
  }
  return statistics
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  const result = await execute(connection, sql)
  return result.getRows()
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function fail(message: string): WarehouseError {
  return new WarehouseError({ reason: 'invalidQuery', location: 'query', message })
}
