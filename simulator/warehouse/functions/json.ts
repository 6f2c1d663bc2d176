import { constantText } from '../analyze/typed.ts'
import { invalid } from '../../../sql/problem.ts'
import { quoteText } from '../types/duck.ts'
import { define, type EmitContext, type FunctionEntry } from './define.ts'

/** A JSONPath of BigQuery as DuckDB's, from a constant. Absent: the whole document. */
function path(context: EmitContext, i = 1): string {
  const value = context.args[i]
  if (!value) return `'$'`
  const text = constantText(value)
  if (text === null) throw invalid(context.at, 'JSONPath must be a string literal or query parameter')
  const out = translatePath(text)
  if (out === null) throw invalid(context.at, `JSONPath must start with '$' and be well formed: ${text}`)
  return quoteText(out)
}

/** $.a."b c"[0] and $['a'] (legacy functions); keys are quoted for DuckDB. */
function translatePath(text: string): string | null {
  if (!text.startsWith('$')) return null
  let out = '$'
  let rest = text.slice(1)
  while (rest !== '') {
    const match =
      /^(?:\.([A-Za-z_\u0080-\uffff$@][\w\u0080-\uffff$@:-]*|\d+)|\."((?:[^"\\]|\\.)*)"|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\])/.exec(
        rest,
      )
    if (!match) return null
    const key = match[1] ?? match[2] ?? match[4] ?? match[5]
    out +=
      key === undefined
        ? `[${match[3]}]`
        : `."${key.replace(/\\(.)/g, '$1').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    rest = rest.slice(match[0].length)
  }
  return out
}

/** Malformed text gives NULL: only well-formed documents are looked into. */
function valid(x: string, sql: string): string {
  return `CASE WHEN json_valid(${x}) THEN ${sql} END`
}

const value = (x: string, p: string): string => `json_extract_string(json_value(${x}, ${p}), '$')`
const query = (x: string, p: string): string => `CAST(json_extract(${x}, ${p}) AS VARCHAR)`
const nullAsMissing = (sql: string): string => `NULLIF(${sql}, 'null')`

function array(x: string, p: string, item: string): string {
  const node = `json_extract(${x}, ${p})`
  return `CASE WHEN json_type(${x}, ${p}) = 'ARRAY' THEN list_transform(CAST(${node} AS JSON[]), lambda e: ${item}) END`
}

const itemText = 'CAST(e AS VARCHAR)'

/** Arrays that hold anything but scalars have no values. */
function valueArray(x: string, p: string): string {
  const node = `CAST(json_extract(${x}, ${p}) AS JSON[])`
  const scalars = `len(list_filter(${node}, lambda e: json_type(e) IN ('OBJECT', 'ARRAY'))) = 0`
  return `CASE WHEN json_type(${x}, ${p}) = 'ARRAY' THEN CASE WHEN ${scalars} THEN list_transform(${node}, lambda e: json_extract_string(e, '$')) END END`
}

/** Converters of JSON: the kind of value that they need and how it is read. */
function convert(name: string, type: string, kinds: string, sql: (x: string) => string): FunctionEntry[] {
  return define(name, `JSON -> ${type}`, ([x]) => {
    const duck = { STRING: 'VARCHAR', INT64: 'BIGINT', FLOAT64: 'DOUBLE', BOOL: 'BOOLEAN' }[type]!
    return `CASE WHEN ${x} IS NULL THEN NULL WHEN json_type(${x}) IN (${kinds}) THEN ${sql(x!)} ELSE CAST(bq_error('The provided JSON input is not ${article(name)}') AS ${duck}) END`
  })
}

function article(name: string): string {
  return { STRING: 'a string', INT64: 'an integer', FLOAT64: 'a number', BOOL: 'a boolean' }[name] ?? name
}

const elements = (x: string): string => `list_transform(CAST(${x} AS JSON[]), lambda e: CAST(e AS VARCHAR))`

/** INT64_ARRAY and its kin: each element as INT64(…) takes it, else an error. */
function strictArray(names: string, type: string): FunctionEntry[][] {
  const duck = { STRING: 'VARCHAR', INT64: 'BIGINT', FLOAT64: 'DOUBLE', BOOL: 'BOOLEAN' }[type]!
  const kinds = {
    STRING: `'VARCHAR'`,
    INT64: `'BIGINT', 'UBIGINT', 'DOUBLE'`,
    FLOAT64: `'BIGINT', 'UBIGINT', 'DOUBLE'`,
    BOOL: `'BOOLEAN'`,
  }[type]!
  const item = {
    STRING: `json_extract_string(e, '$')`,
    INT64: 'bq_json_integer(e)',
    FLOAT64: 'CAST(e AS DOUBLE)',
    BOOL: 'CAST(e AS BOOLEAN)',
  }[type]!
  const failure = (what: string): string =>
    `CAST(bq_error('The provided JSON input is not ${what}') AS ${duck})`
  return [
    define(
      names,
      `JSON -> ARRAY<${type}>`,
      ([x]) =>
        `CASE WHEN ${x} IS NULL THEN NULL WHEN json_type(${x}) = 'ARRAY' THEN list_transform(${elements(x!)}, lambda e: CASE WHEN json_type(e) IN (${kinds}) THEN ${item} ELSE ${failure(article(type))} END) ELSE [${failure('an array')}] END`,
    ),
  ]
}

/** LAX_INT64_ARRAY and its kin: NULL for what is no array, and for elements that do not convert. */
function laxArray(names: string, type: string, item: (e: string) => string): FunctionEntry[][] {
  const scalar = `CASE WHEN json_type(e) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE ${item('e')} END`
  return [
    define(
      names,
      `JSON -> ARRAY<${type}>`,
      ([x]) =>
        `CASE WHEN json_type(${x}) = 'ARRAY' THEN list_transform(${elements(x!)}, lambda e: ${scalar}) END`,
    ),
  ]
}

const text = (x: string): string => `json_extract_string(${x}, '$')`

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions */
export const jsonFunctions: FunctionEntry[] = [
  define('JSON_VALUE JSON_EXTRACT_SCALAR', 'JSON, STRING? -> STRING', ([x], c) => value(x!, path(c))),
  define('JSON_VALUE JSON_EXTRACT_SCALAR', 'STRING, STRING? -> STRING', ([x], c) =>
    valid(x!, value(x!, path(c))),
  ),
  define('JSON_QUERY JSON_EXTRACT', 'JSON, STRING? -> JSON', ([x], c) => query(x!, path(c))),
  define('JSON_QUERY JSON_EXTRACT', 'STRING, STRING? -> STRING', ([x], c) =>
    valid(x!, nullAsMissing(query(x!, path(c)))),
  ),
  define('JSON_QUERY_ARRAY JSON_EXTRACT_ARRAY', 'JSON, STRING? -> ARRAY<JSON>', ([x], c) =>
    array(x!, path(c), itemText),
  ),
  define('JSON_QUERY_ARRAY JSON_EXTRACT_ARRAY', 'STRING, STRING? -> ARRAY<STRING>', ([x], c) =>
    valid(x!, array(x!, path(c), itemText)),
  ),
  define('JSON_VALUE_ARRAY JSON_EXTRACT_STRING_ARRAY', 'JSON, STRING? -> ARRAY<STRING>', ([x], c) =>
    valueArray(x!, path(c)),
  ),
  define('JSON_VALUE_ARRAY JSON_EXTRACT_STRING_ARRAY', 'STRING, STRING? -> ARRAY<STRING>', ([x], c) =>
    valid(x!, valueArray(x!, path(c))),
  ),
  define(
    'JSON_TYPE',
    'JSON -> STRING',
    ([x]) =>
      `CASE json_type(${x}) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number' END`,
  ),
  convert('STRING', 'STRING', `'VARCHAR'`, text),
  convert('BOOL', 'BOOL', `'BOOLEAN'`, (x) => `CAST(${x} AS BOOLEAN)`),
  convert('INT64', 'INT64', `'BIGINT', 'UBIGINT', 'DOUBLE'`, (x) => `bq_json_integer(${x})`),
  convert('FLOAT64 DOUBLE', 'FLOAT64', `'BIGINT', 'UBIGINT', 'DOUBLE'`, (x) => `CAST(${x} AS DOUBLE)`),
  define(
    'LAX_STRING',
    'JSON -> STRING',
    ([x]) =>
      `CASE WHEN json_type(${x}) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE bq_lax_string(${x}) END`,
  ),
  ...strictArray('STRING_ARRAY', 'STRING'),
  ...strictArray('INT64_ARRAY', 'INT64'),
  ...strictArray('FLOAT64_ARRAY DOUBLE_ARRAY', 'FLOAT64'),
  ...strictArray('BOOL_ARRAY', 'BOOL'),
  ...laxArray('LAX_STRING_ARRAY', 'STRING', (e) => `bq_lax_string(${e})`),
  ...laxArray('LAX_INT64_ARRAY', 'INT64', (e) => `bq_lax_int64(${e})`),
  ...laxArray('LAX_FLOAT64_ARRAY', 'FLOAT64', (e) => `bq_lax_float64(${e})`),
  ...laxArray('LAX_BOOL_ARRAY', 'BOOL', (e) => `bq_lax_bool(${e})`),
  define('LAX_INT64', 'JSON -> INT64', ([x]) => `bq_lax_int64(${x})`),
  define('LAX_FLOAT64', 'JSON -> FLOAT64', ([x]) => `bq_lax_float64(${x})`),
  define('LAX_BOOL', 'JSON -> BOOL', ([x]) => `bq_lax_bool(${x})`),
].flat()
