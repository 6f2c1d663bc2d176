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
      'SQL takes models, their columns, other SQL and values of the run: `sql.run.id`, `loadId`, `date`, `logicalDate`, ' +
      '`intervalStart`, `intervalEnd`, `time`, `params` (JSON) and `param(name)`.',
    wrong: "sql`SELECT * FROM ${sale} WHERE dt = '${day}'`",
    fixed: 'sql`SELECT * FROM ${sale} WHERE dt = ${sql.run.date}`',
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
  DAG410: {
    title: 'SQL names a column that a model does not have',
    explanation:
      '`ref(model)` has a member for each column of the model, and SQL may name no other column of it either. The compiler ' +
      'reads the SQL and names the line.',
    wrong: "const e = ref(entry, 'e')\nsql`SELECT ${e.satus} FROM ${e}`",
    fixed: "const e = ref(entry, 'e')\nsql`SELECT ${e.status} FROM ${e}`",
  },
  DAG411: {
    title: 'A SQL file cannot be used',
    explanation:
      '`sqlFile(path, values)` reads a file beside the one that calls it. `{{name}}` in it stands for what is given under that ' +
      'name, `{{name.column}}` for a column of a reference, `{{run.date}}`, `{{run.param.user}}` and `{{since}}` for values of ' +
      'the run.',
    wrong: "sqlFile('./sale.sql', { sale }) // SELECT * FROM {{sales}}",
    fixed: "sqlFile('./sale.sql', { sale }) // SELECT * FROM {{sale}}",
  },
  DAG412: {
    title: 'A SELECT does not give the columns of its model',
    explanation:
      'The SELECT of a model gives each declared column under its name, in any order, and no other; but for those that the ' +
      'write mode fills: the partition column, and what `merge` and `history` keep books with. Columns that begin with an ' +
      'underscore (`_rule`, `_complete`) speak to the write mode.',
    wrong: "model({ columns: { title: column.string('title') }, sql: sql`SELECT name FROM ${film}`, … })",
    fixed:
      "model({ columns: { title: column.string('title') }, sql: sql`SELECT name AS title FROM ${film}`, … })",
  },
  DAG413: {
    title: 'SQL reads a table that no model declares',
    explanation:
      'A table that is named in the text of SQL draws no edge, has no layer and no lineage. Declare it as a model, and ' +
      'interpolate that.',
    wrong: 'sql`SELECT * FROM shop_raw.sale`',
    fixed: 'sql`SELECT * FROM ${sale}`',
  },
  DAG414: {
    title: 'A data mart keeps its rows for ever',
    explanation:
      'A model of layer dmt says for how many days it keeps its rows: `retentionDays`, with `partitionBy` on a load or ' +
      'reference date. A mart can be built anew from the layers below it.',
    wrong: "model({ layer: 'dmt', retentionDays: null, … })",
    fixed: "model({ layer: 'dmt', partitionBy: 'reference_date', retentionDays: 730, … })",
  },
  DAG415: {
    title: 'A write mode does not fit the model',
    explanation:
      'Each write mode needs certain columns: `merge` one that tells which state is newer, `history` a TIMESTAMP from and up ' +
      'to which a state holds and a BOOL, `snapshot` and `replacePartition` a partition column; a view has nothing to ' +
      'partition. https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax',
    wrong: "model({ primaryKey: ['id'], write: write.snapshot({ per: ['owner'] }), … })",
    fixed:
      "model({ primaryKey: ['owner', 'id'], partitionBy: 'reference_date', write: write.snapshot({ per: ['owner'] }), … })",
  },
  DAG416: {
    title: 'Runs side by side would merge into one table',
    explanation:
      'Models that go by the state that their table is in (`merge`, `history`, `snapshot`, `dependsOnPast`) are built by one ' +
      'run after the other. A DAG with such a model has `maxActiveRuns: 1`.',
    wrong: "dag('shop', { maxActiveRuns: 4, … }, ({ build }) => build(customer))",
    fixed: "dag('shop', { maxActiveRuns: 1, … }, ({ build }) => build(customer))",
  },
  DAG417: {
    title: 'A table cannot change as declared',
    explanation:
      'Columns may be added and required ones made nullable; BigQuery takes nothing else on a table that holds rows: no ' +
      'other type, no other partition, and a column that goes takes its values along. The compiler goes by the manifest of ' +
      'the last compile, deploying by the table itself. https://cloud.google.com/bigquery/docs/managing-table-schemas',
    wrong: "score: column.string('score') // was column.int64('score')",
    fixed: "score: column.int64('score')\nscore_text: column.string('score as text')",
  },
  DAG418: {
    title: 'A quality test does not fit the model',
    explanation:
      'Tests name columns of their model, and a column of the right type: `freshness` a DATE or TIMESTAMP. A test that can ' +
      'never fail is refused.',
    wrong: "tests: [quality.freshness('title', '2d')]",
    fixed: "tests: [quality.freshness('updated_at', '2d')]",
  },
  DAG419: {
    title: 'A table would exceed a limit of BigQuery',
    explanation:
      'A table has at most 10,000 partitions and 10,000 columns, and its structures are at most 15 deep. ' +
      'https://cloud.google.com/bigquery/quotas#partitioned_tables',
    wrong: "model({ partitionBy: 'day', retentionDays: 20_000, … })",
    fixed: "model({ partitionBy: 'day', retentionDays: 3650, … })",
  },
  DAG420: {
    title: 'The SQL of a model cannot be read',
    explanation:
      'The compiler reads the SQL of models, for their columns and their lineage, as BigQuery does.',
    wrong: 'sql`SELECT id FORM ${sale}`',
    fixed: 'sql`SELECT id FROM ${sale}`',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
