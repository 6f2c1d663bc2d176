import type { CodeEntry } from './code-entry.ts'

/** Models and their SQL. */
export const modelCodes = {
  DAG401: {
    title: 'A model is not declared completely',
    explanation:
      'A model names its layer (raw, tru, ref, dmt), dataset and table in lower snake case, says in a sentence what a ' +
      'row is, and declares its columns.',
    wrong: "model({ layer: 'gold', dataset: 'Shop', table: 'Sales', description: '', columns: {}, … })",
    fixed:
      "model({ layer: 'dmt', dataset: 'shop_dmt', table: 'sales', description: 'Sales by day', columns, … })",
  },
  DAG402: {
    title: 'A model names a column that it does not have',
    explanation: '`primaryKey`, `partitionBy` and `clusterBy` (at most four) name declared columns.',
    wrong: "model({ columns: { day: column.date('day') }, primaryKey: ['date'], … })",
    fixed: "model({ columns: { day: column.date('day') }, primaryKey: ['day'], … })",
  },
  DAG403: {
    title: 'A model is partitioned by a column of the wrong type',
    explanation:
      'A table has one partition per day of a DATE or TIMESTAMP column. Take a load or reference date: with a business ' +
      'date a retention rule would delete old facts at once.',
    wrong: "model({ columns: { year: column.int64('year') }, partitionBy: 'year', … })",
    fixed: "model({ columns: { dt: column.date('reference date') }, partitionBy: 'dt', … })",
  },
  DAG404: {
    title: 'A retention cannot be applied',
    explanation:
      'Rows age out by partition. A retention is a whole number of days and needs `partitionBy`; null keeps all.',
    wrong: 'model({ retentionDays: 730, … }) // without partitionBy',
    fixed: "model({ partitionBy: 'dt', retentionDays: 730, … })",
  },
  DAG405: {
    title: 'A value is spliced into SQL',
    explanation:
      'SQL takes models and other SQL. Values of a run come as parameters of the procedure: `run_id`, `load_id`, ' +
      '`reference_date`, `logical_date`, `interval_start`, `interval_end`, `run_time` and `params` (JSON text).',
    wrong: "sql`SELECT * FROM ${sale} WHERE dt = '${day}'`",
    fixed: 'sql`SELECT * FROM ${sale} WHERE dt = reference_date`',
  },
  DAG406: {
    title: 'A model without SQL is built',
    explanation:
      '`build` runs the SQL of a model. A model without SQL is filled by a step that names it in `writes`.',
    wrong: 'build(rawSales)',
    fixed: "task('load_sales', loadSales, { objects: list.objects }, { writes: [rawSales] })",
  },
  DAG407: {
    title: 'A table has two sources',
    explanation:
      'A table is built by the SQL of its model in one task, or filled by steps; not both, and not twice.',
    wrong: "build(sales)\ntask('load_sales', loadSales, {}, { writes: [sales] })",
    fixed: 'build(sales)',
  },
  DAG408: {
    title: 'Two models declare the same table',
    explanation:
      'Within a DAG a table has one model, and a dataset one layer. Import the model where it is needed instead of ' +
      'declaring it again.',
    wrong:
      "model({ dataset: 'shop_dmt', table: 'sales', … })\nmodel({ dataset: 'shop_dmt', table: 'sales', … })",
    fixed: "import { sales } from './models/sales.ts'",
  },
  DAG409: {
    title: 'A model reads a higher layer',
    explanation:
      'Data flows from raw to tru (trusted) to ref (refined) to dmt (data mart). A model reads its own layer or lower ' +
      'ones, so that each layer can be rebuilt from those below.',
    wrong: "model({ layer: 'tru', sql: (self) => sql`INSERT INTO ${self} SELECT * FROM ${dmtGenre}`, … })",
    fixed: "model({ layer: 'dmt', sql: (self) => sql`INSERT INTO ${self} SELECT * FROM ${truEntry}`, … })",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
