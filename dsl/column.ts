/** BigQuery's column types. https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types */
export type ColumnType =
  | 'STRING'
  | 'INT64'
  | 'FLOAT64'
  | 'NUMERIC'
  | 'BIGNUMERIC'
  | 'BOOL'
  | 'DATE'
  | 'DATETIME'
  | 'TIME'
  | 'TIMESTAMP'
  | 'BYTES'
  | 'JSON'
  | 'STRUCT'

/** A column as data; the functions of `column` make one, an object literal does as well. */
export interface Column {
  readonly type: ColumnType
  readonly description: string
  /** @default 'NULLABLE' */
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  /** Only with type STRUCT. */
  readonly fields?: Readonly<Record<string, Column>>
}

type Scalar = Exclude<ColumnType, 'STRUCT'>

const scalar =
  (type: Scalar) =>
  (description: string): Column =>
    Object.freeze({ type, description })

/**
 * Column types of models; each takes the column's description.
 *
 * @example
 * const { int64, string, struct, array, required } = column
 * const columns = {
 *   media_id: required(int64('id of the title')),
 *   title: struct('in three spellings', { romaji: string('Latin letters'), native: string('own script') }),
 *   genres: array(string('genres of the title')),
 * }
 */
export const column = Object.freeze({
  string: scalar('STRING'),
  int64: scalar('INT64'),
  float64: scalar('FLOAT64'),
  numeric: scalar('NUMERIC'),
  bignumeric: scalar('BIGNUMERIC'),
  bool: scalar('BOOL'),
  date: scalar('DATE'),
  datetime: scalar('DATETIME'),
  time: scalar('TIME'),
  timestamp: scalar('TIMESTAMP'),
  bytes: scalar('BYTES'),
  json: scalar('JSON'),
  /** A record with named fields. */
  struct: (description: string, fields: Readonly<Record<string, Column>>): Column =>
    Object.freeze({ type: 'STRUCT', description, fields: Object.freeze({ ...fields }) }),
  /** A list of what the given column holds; BigQuery has no list of lists. */
  array: (item: Column): Column => Object.freeze({ ...item, mode: 'REPEATED' }),
  /** Refuses NULL. */
  required: (item: Column): Column => Object.freeze({ ...item, mode: 'REQUIRED' }),
})
