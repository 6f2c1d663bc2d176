import { failText } from '../analyze/fail.ts'
import { BYTES, INT64 } from '../types/type.ts'
import { define, type FunctionEntry } from './define.ts'

const f =
  (fn: string) =>
  (a: readonly string[]): string =>
    `${fn}(${a.join(', ')})`

/** Through hexadecimal text, two digits a byte, whose functions DuckDB has. */
const hex = (sql: string): string => `unhex(${sql})`

function negative(n: string, message: string, sql: string): string {
  return `CASE WHEN ${n} < 0 THEN ${failText(message, BYTES)} ELSE ${sql} END`
}

function substring(x: string, position: string, length?: string): string {
  const size = `octet_length(${x})`
  const start = `CASE WHEN ${position} = 0 THEN 1 WHEN ${position} < -${size} THEN 1 WHEN ${position} < 0 THEN ${size} + ${position} + 1 ELSE ${position} END`
  const from = `(${start} - 1) * 2 + 1`
  if (length === undefined) return hex(`substring(hex(${x}), ${from})`)
  const checked = `CASE WHEN ${length} < 0 THEN ${failText('Third argument in SUBSTR() cannot be negative', INT64)} ELSE ${length} END`
  return hex(`substring(hex(${x}), ${from}, ${checked} * 2)`)
}

function pad(fn: string): FunctionEntry[] {
  return define(fn.toUpperCase(), 'BYTES, INT64, BYTES? -> BYTES', ([x, n, pattern]) =>
    negative(
      n!,
      `Second argument (output size) for ${fn.toUpperCase()} cannot be negative`,
      hex(
        `${fn}(hex(${x}), CAST(${n} * 2 AS INTEGER), ${pattern === undefined ? `'20'` : `hex(${pattern})`})`,
      ),
    ),
  )
}

function trim(name: string, sides: string): FunctionEntry[] {
  return define(name, 'BYTES, BYTES -> BYTES', ([x, set]) => `bq_bytes_trim(${x}, ${set}, '${sides}')`)
}

/** String functions of BYTES. https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions */
export const bytesFunctions: FunctionEntry[] = [
  define('UPPER', 'BYTES -> BYTES', f('bq_bytes_upper')),
  define('LOWER', 'BYTES -> BYTES', f('bq_bytes_lower')),
  trim('TRIM', 'both'),
  trim('LTRIM', 'left'),
  trim('RTRIM', 'right'),
  define('SUBSTR SUBSTRING', 'BYTES, INT64, INT64? -> BYTES', ([x, p, n]) => substring(x!, p!, n)),
  define('LEFT', 'BYTES, INT64 -> BYTES', ([x, n]) =>
    negative(n!, 'Second argument in LEFT() cannot be negative', hex(`left(hex(${x}), ${n} * 2)`)),
  ),
  define('RIGHT', 'BYTES, INT64 -> BYTES', ([x, n]) =>
    negative(n!, 'Second argument in RIGHT() cannot be negative', hex(`right(hex(${x}), ${n} * 2)`)),
  ),
  pad('lpad'),
  pad('rpad'),
  define('REPEAT', 'BYTES, INT64 -> BYTES', ([x, n]) =>
    negative(n!, 'Second argument in REPEAT() cannot be negative', hex(`repeat(hex(${x}), ${n})`)),
  ),
  define('REVERSE', 'BYTES -> BYTES', f('bq_bytes_reverse')),
  define('REPLACE', 'BYTES, BYTES, BYTES -> BYTES', f('bq_bytes_replace')),
  define('STARTS_WITH', 'BYTES, BYTES -> BOOL', ([x, y]) => `starts_with(hex(${x}), hex(${y}))`),
  define('ENDS_WITH', 'BYTES, BYTES -> BOOL', ([x, y]) => `ends_with(hex(${x}), hex(${y}))`),
  define('STRPOS', 'BYTES, BYTES -> INT64', f('bq_bytes_find')),
  define(
    'SPLIT',
    'BYTES, BYTES -> ARRAY<BYTES>',
    ([x, d]) => `list_transform(string_split(bq_bytes_split(${x}, ${d}), ','), lambda h: unhex(h))`,
  ),
  define('TO_BASE32', 'BYTES -> STRING', f('bq_to_base32')),
  define('FROM_BASE32', 'STRING -> BYTES', f('bq_from_base32')),
  define(
    'TO_CODE_POINTS',
    'BYTES -> ARRAY<INT64>',
    ([x]) =>
      `CASE WHEN ${x} IS NOT NULL THEN list_transform(range(CAST(octet_length(${x}) AS BIGINT)), lambda i: CAST('0x' || substring(hex(${x}), i * 2 + 1, 2) AS BIGINT)) END`,
  ),
  define(
    'CODE_POINTS_TO_BYTES',
    'ARRAY<INT64> -> BYTES',
    ([x]) =>
      `CASE WHEN list_count(${x}) = len(${x}) THEN bq_code_bytes(COALESCE(array_to_string(${x}, ','), '')) END`,
  ),
  define(
    'ARRAY_TO_STRING',
    'ARRAY<BYTES>, BYTES -> BYTES',
    ([x, d]) =>
      `unhex(array_to_string(list_transform(list_filter(${x}, lambda e: e IS NOT NULL), lambda e: hex(e)), hex(${d})))`,
  ),
].flat()
