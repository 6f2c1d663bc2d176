/** Something that BigQuery accepts and the local warehouse refuses. */
export interface Refusal {
  readonly what: string
  readonly why: string
  /** A statement that shows it; the test of the page runs it and expects the refusal. */
  readonly sql: string
}

const meaning = 'DuckDB has nothing of the same meaning'
const rare = 'no model needs it'

export const refusals: readonly Refusal[] = [
  {
    what: '`TABLESAMPLE`',
    why: 'the blocks it samples exist on BigQuery only',
    sql: 'SELECT 1 FROM t TABLESAMPLE SYSTEM (10 PERCENT)',
  },
  {
    what: '`FOR SYSTEM_TIME AS OF`',
    why: 'no history of tables is kept',
    sql: 'SELECT 1 FROM t FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()',
  },
  {
    what: '`EXECUTE IMMEDIATE`',
    why: 'what it runs cannot be checked beforehand',
    sql: "EXECUTE IMMEDIATE 'SELECT 1'",
  },
  {
    what: '`LOOP`, `WHILE`, `REPEAT`, `FOR … IN`',
    why: 'models are sets of rows, not loops',
    sql: 'WHILE TRUE DO SELECT 1; END WHILE',
  },
  {
    what: '`EXPORT DATA`',
    why: 'an extract job does the same',
    sql: "EXPORT DATA OPTIONS (uri = 'gs://b/*', format = 'CSV') AS SELECT 1",
  },
  {
    what: '`LOAD DATA`',
    why: 'a load job does the same',
    sql: "LOAD DATA INTO d.t FROM FILES (format = 'CSV', uris = ['gs://b/x'])",
  },
  {
    what: '`GRANT` and `REVOKE`',
    why: 'there is nobody to refuse locally',
    sql: "GRANT `roles/bigquery.dataViewer` ON SCHEMA d TO 'user:a@example.com'",
  },
  {
    what: 'Models other than `LINEAR_REG`, and `l1_reg`, `warm_start`, `calculate_p_values`, hyperparameter tuning',
    why: 'linear regression has a closed form; the others would need a library',
    sql: "CREATE MODEL d.m OPTIONS (model_type = 'KMEANS') AS SELECT 1 AS x",
  },
  {
    what: 'Functions and procedures in another language',
    why: 'only SQL is run',
    sql: "CREATE TEMP FUNCTION f(x INT64) RETURNS INT64 LANGUAGE js AS 'return x'; SELECT f(1)",
  },
  {
    what: '`UNDROP`',
    why: 'no history of tables is kept',
    sql: 'UNDROP SCHEMA d',
  },
  {
    what: 'Generated columns',
    why: rare,
    sql: 'CREATE TABLE d.g (x INT64, y INT64 GENERATED ALWAYS AS (x))',
  },
  { what: '`COLLATE`', why: meaning, sql: "SELECT x FROM UNNEST(['a']) AS x ORDER BY x COLLATE 'und:ci'" },
  {
    what: '`FORMAT` and `CAST … FORMAT` with a format that is not constant',
    why: 'they are translated before the query runs',
    sql: "SELECT FORMAT(x, 1) FROM UNNEST(['%d']) AS x",
  },
  {
    what: '`WITH DEPTH` of recursive tables made with `UNION DISTINCT`',
    why: rare,
    sql: 'WITH RECURSIVE t AS (SELECT 1 AS n UNION DISTINCT SELECT n + 1 FROM t WHERE n < 2) WITH DEPTH SELECT n FROM t',
  },
  {
    what: 'Pipe operators `CALL`, `RECURSIVE UNION`, `TABLESAMPLE`',
    why: rare,
    sql: 'FROM UNNEST([1]) AS x |> CALL d.f()',
  },
  { what: 'Geography', why: meaning, sql: 'SELECT ST_GEOGPOINT(1, 2)' },
  { what: '`RANGE` values', why: meaning, sql: "SELECT RANGE_START(RANGE(DATE '2024-01-01', NULL))" },
  {
    what: 'PIVOT values that are neither literals nor named',
    why: 'their column names would be guesses',
    sql: "SELECT * FROM (SELECT 'a' AS k, 1 AS v) PIVOT (SUM(v) FOR k IN (CONCAT('a', '')))",
  },
]
