import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelProcedure, type ModelProcedure } from '../compiler/index.ts'
import { tableId, tableText, type Model, type NamedColumn } from '../dsl/index.ts'
import { openWarehouse, type Field, type Warehouse } from '../simulator/warehouse/index.ts'

/** When a run is about, and what it is given. */
export interface ModelRun {
  /** Day of the logical date, `2026-03-10`. */
  readonly date: string
  /** RFC 3339. @default the start of the day, UTC */
  readonly logicalDate?: string
  /** RFC 3339. @default the logical date */
  readonly intervalStart?: string
  /** RFC 3339. @default a day after its start */
  readonly intervalEnd?: string
  /** @default {} */
  readonly params?: Readonly<Record<string, unknown>>
}

/** What a test of a model said. */
export interface TestedRule {
  readonly test: string
  readonly severity: 'stop' | 'warn'
  /** Rows that failed. */
  readonly failing: number
}

export interface ModelLoad {
  readonly state: 'written' | 'stopped'
  readonly rows: number | null
  /** Rows that a rule refused. */
  readonly rejected: number
  readonly tests: readonly TestedRule[]
}

type Row = Readonly<Record<string, unknown>>

/** A model on tables of its own. */
export interface ModelTest {
  /** Adds rows to a table that the model reads, or to its own. Columns that a row lacks are null. */
  given(model: Model, rows: readonly Row[]): Promise<void>
  /** Takes all rows out of a table. */
  empty(model: Model): Promise<void>
  /**
   * Builds the model.
   *
   * @throws Error with what stopped it, such as a failed test
   */
  run(run: ModelRun): Promise<ModelLoad>
  /** Rows of a table in the order of its primary key, without `_load_id` and `_loaded_at`. @default the model's own */
  rows(model?: Model): Promise<readonly Row[]>
  /** Takes the tables to another declaration of the model: columns that it adds are added. */
  change(model: Model): Promise<void>
}

/**
 * Runs a model on given rows, on the local warehouse.
 *
 * @throws DagProblems where the model does not compile
 * @example
 * const test = await testModel(truEntry)
 * await test.given(rawList, [{ object: 'a', payload: '{"id": 1}', ingestion_date: '2026-03-10' }])
 * await test.run({ date: '2026-03-10' })
 * expect(await test.rows()).toEqual([{ entry_id: 1, … }])
 */
export async function testModel(model: Model): Promise<ModelTest> {
  const session = new Session(`t${(count += 1)}_`)
  await session.use(model)
  return session
}

let count = 0
let shared: Promise<Warehouse> | null = null
const project = 'local-project'
const dag = 'model_test'

/** One for all tests of a process; each test has its own datasets. */
function warehouse(): Promise<Warehouse> {
  return (shared ??= open())
}

async function open(): Promise<Warehouse> {
  const dir = mkdtempSync(join(tmpdir(), 'dagwright-models-'))
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  return openWarehouse({ dir, project, threads: 1 })
}

class Session implements ModelTest {
  readonly #prefix: string
  readonly #tables = new Set<string>()
  #compiled: ModelProcedure | null = null
  #runs = 0

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  async use(model: Model): Promise<void> {
    const compiled = modelProcedure(model, dag)
    this.#compiled = compiled
    for (const each of compiled.models) await this.#createTable(each)
    await this.#query(this.#own(compiled.procedure.sql))
  }

  async change(model: Model): Promise<void> {
    const compiled = modelProcedure(model, dag)
    for (const each of compiled.models) {
      if (!this.#tables.has(tableId(each))) continue
      const store = await warehouse()
      const schema = each.columns.map((column) => fieldOf(column.name, column))
      await store.patchTable(
        { dataset: this.#prefix + each.dataset, table: each.table },
        { schema },
        Date.now(),
      )
    }
    await this.use(model)
  }

  async given(model: Model, rows: readonly Row[]): Promise<void> {
    await this.#createTable(model)
    const problems = await (
      await warehouse()
    ).insertRows({ dataset: this.#prefix + model.dataset, table: model.table }, rows, {
      ignoreUnknownValues: false,
      skipInvalidRows: false,
      now: Date.now(),
    })
    const [first] = problems
    if (first) throw new Error(`row ${first.index + 1} of ${tableId(model)}: ${first.problem.message}`)
  }

  async empty(model: Model): Promise<void> {
    await this.#query(this.#own(`DELETE FROM ${tableText(model)} WHERE TRUE`))
  }

  async run(run: ModelRun): Promise<ModelLoad> {
    const { procedure, loads } = this.#compiled!
    const loadId = `run-${(this.#runs += 1)}/local`
    const arguments_ = runArguments(run, `run-${this.#runs}`, loadId)
    await this.#query(this.#own(`CALL \`${procedure.dataset}.${procedure.routine}\`(${arguments_})`))
    const [load] = await this.#read(
      `SELECT AS STRUCT state, \`rows\`, rejected, tests FROM ${tableText(loads)} WHERE load_id = '${loadId}'`,
    )
    return (load ?? { state: 'written', rows: null, rejected: 0, tests: [] }) as unknown as ModelLoad
  }

  async rows(model: Model = this.#compiled!.model): Promise<readonly Row[]> {
    const hidden = model.columns
      .map(({ name }) => name)
      .filter((name) => ['_load_id', '_loaded_at'].includes(name))
    const star = hidden.length === 0 ? '*' : `* EXCEPT (${hidden.join(', ')})`
    const order = model.primaryKey.map((name) => `\`${name}\``).join(', ')
    return this.#read(`SELECT AS STRUCT ${star} FROM ${tableText(model)} ORDER BY ${order}`)
  }

  async #read(sql: string): Promise<readonly Row[]> {
    const found = await this.#query(this.#own(`SELECT TO_JSON_STRING(row) FROM UNNEST(ARRAY(${sql})) AS row`))
    return found.map(([text]) => JSON.parse(String(text)) as Row)
  }

  async #createTable(model: Model): Promise<void> {
    if (this.#tables.has(tableId(model))) return
    this.#tables.add(tableId(model))
    const store = await warehouse()
    const dataset = this.#prefix + model.dataset
    const now = Date.now()
    if ((await store.getDataset(dataset)) === null) {
      await store.createDataset({ dataset, location: 'US', labels: {}, createdAt: now, modifiedAt: now })
    }
    const made = { dataset, table: model.table, labels: {}, createdAt: now, modifiedAt: now }
    const schema = model.columns.map((column) => fieldOf(column.name, column))
    if (model.write?.kind === 'view') {
      const viewQuery = this.#own(viewText(model))
      await store.createTable({ ...made, kind: 'VIEW', schema: [], viewQuery })
      return
    }
    await store.createTable({
      ...made,
      kind: 'TABLE',
      schema,
      ...(model.partitionBy !== null && { partitioning: { type: 'DAY', field: model.partitionBy } }),
      ...(model.clusterBy.length > 0 && { clustering: model.clusterBy }),
    })
  }

  /** The datasets of this test in place of the model's. */
  #own(sql: string): string {
    const datasets = new Set(this.#compiled?.models.map(({ dataset }) => dataset) ?? [])
    return [...datasets].reduce(
      (text, dataset) => text.replaceAll(`\`${dataset}.`, `\`${this.#prefix}${dataset}.`),
      sql,
    )
  }

  async #query(sql: string): Promise<readonly (readonly unknown[])[]> {
    const result = await (await warehouse()).query({ sql, project, parameters: [], now: Date.now() })
    try {
      return await result.rows.read(0, result.rows.count)
    } finally {
      await result.rows.close()
    }
  }
}

function viewText(model: Model): string {
  return modelProcedure(model, dag).query ?? ''
}

const dayMs = 86_400_000

function runArguments(run: ModelRun, runId: string, loadId: string): string {
  const logical = run.logicalDate ?? `${run.date}T00:00:00Z`
  const start = run.intervalStart ?? logical
  const end = run.intervalEnd ?? new Date(Date.parse(start) + dayMs).toISOString()
  const time = new Date().toISOString()
  const params = JSON.stringify(JSON.stringify(run.params ?? {}))
  return [
    `'${runId}'`,
    `'${loadId}'`,
    `DATE '${run.date}'`,
    ...[logical, start, end, time].map((each) => `TIMESTAMP '${each}'`),
    params,
  ].join(', ')
}

function fieldOf(name: string, column: Omit<NamedColumn, 'name'>): Field {
  return {
    name,
    type: column.type,
    mode: column.mode ?? 'NULLABLE',
    ...(column.fields && {
      fields: Object.entries(column.fields).map(([key, inner]) => fieldOf(key, inner)),
    }),
  }
}
