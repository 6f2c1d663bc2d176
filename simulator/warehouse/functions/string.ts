import { failText } from '../analyze/fail.ts'
import { quoteText } from '../types/duck.ts'
import { INT64, STRING } from '../types/type.ts'
import { define, type FunctionEntry } from './define.ts'

const f =
  (fn: string) =>
  (a: readonly string[]): string =>
    `${fn}(${a.join(', ')})`

/** The characters from the start, counting a negative position from the end. */
function substring(x: string, position: string, length?: string): string {
  // A position before the text is moved to its start, zero to one.
  const start = `CASE WHEN ${position} = 0 THEN 1 WHEN ${position} < -length(${x}) THEN 1 WHEN ${position} < 0 THEN length(${x}) + ${position} + 1 ELSE ${position} END`
  if (length === undefined) return `substring(${x}, ${start})`
  const checked = `CASE WHEN ${length} < 0 THEN ${failText('Third argument in SUBSTR() cannot be negative', INT64)} ELSE ${length} END`
  return `substring(${x}, ${start}, ${checked})`
}

function pad(fn: string): (a: readonly string[]) => string {
  return ([x, n, pattern]) =>
    `CASE WHEN ${n} < 0 THEN ${failText(`Second argument (output size) for ${fn.toUpperCase()} cannot be negative`, STRING)} ELSE ${fn}(${x}, CAST(${n} AS INTEGER), ${pattern ?? `' '`}) END`
}

function trimmed(fn: string): (a: readonly string[]) => string {
  // BigQuery trims all white space, DuckDB only blanks.
  const blanks = `chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' || chr(133) || chr(160) || chr(5760) || chr(8232) || chr(8233) || chr(8239) || chr(8287) || chr(12288)`
  return ([x, set]) => `${fn}(${x}, ${set ?? `(${blanks})`})`
}

/** What INITCAP takes for the end of a word. */
const wordBreaks = ' \t\n\v\f\r[](){}/|<>!?@"^#$&~_,.:;*%+-'

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions */
export const stringFunctions: FunctionEntry[] = [
  define('LENGTH CHAR_LENGTH CHARACTER_LENGTH', 'STRING -> INT64', f('length')),
  define('LENGTH BYTE_LENGTH OCTET_LENGTH', 'BYTES -> INT64', f('octet_length')),
  define('BYTE_LENGTH OCTET_LENGTH', 'STRING -> INT64', ([x]) => `CAST(strlen(${x}) AS BIGINT)`),
  // Unicode's full mapping; DuckDB has the capital letter ẞ instead.
  define('UPPER', 'STRING -> STRING', ([x]) => `upper(replace(${x}, 'ß', 'SS'))`),
  define('LOWER', 'STRING -> STRING', f('lower')),
  define(
    'INITCAP',
    'STRING, STRING? -> STRING',
    ([x, d]) => `bq_initcap(${x}, ${d ?? quoteText(wordBreaks)})`,
  ),
  define('TRIM', 'STRING, STRING? -> STRING', trimmed('trim')),
  define('LTRIM', 'STRING, STRING? -> STRING', trimmed('ltrim')),
  define('RTRIM', 'STRING, STRING? -> STRING', trimmed('rtrim')),
  define('SUBSTR SUBSTRING', 'STRING, INT64, INT64? -> STRING', ([x, p, n]) => substring(x!, p!, n)),
  define(
    'LEFT',
    'STRING, INT64 -> STRING',
    ([x, n]) =>
      `CASE WHEN ${n} < 0 THEN ${failText('Second argument in LEFT() cannot be negative', STRING)} ELSE left(${x}, ${n}) END`,
  ),
  define(
    'RIGHT',
    'STRING, INT64 -> STRING',
    ([x, n]) =>
      `CASE WHEN ${n} < 0 THEN ${failText('Second argument in RIGHT() cannot be negative', STRING)} ELSE right(${x}, ${n}) END`,
  ),
  define('LPAD', 'STRING, INT64, STRING? -> STRING', pad('lpad')),
  define('RPAD', 'STRING, INT64, STRING? -> STRING', pad('rpad')),
  define(
    'REPEAT',
    'STRING, INT64 -> STRING',
    ([x, n]) =>
      `CASE WHEN ${n} < 0 THEN ${failText('Second argument in REPEAT() cannot be negative', STRING)} ELSE repeat(${x}, ${n}) END`,
  ),
  define('REVERSE', 'STRING -> STRING', f('bq_reverse')),
  define(
    'REPLACE',
    'STRING, STRING, STRING -> STRING',
    ([x, a, b]) => `CASE WHEN ${a} = '' THEN ${x} ELSE replace(${x}, ${a}, ${b}) END`,
  ),
  define('STARTS_WITH', 'STRING, STRING -> BOOL', f('starts_with')),
  define('ENDS_WITH', 'STRING, STRING -> BOOL', f('ends_with')),
  define('STRPOS', 'STRING, STRING -> INT64', ([x, y]) => `CAST(strpos(${x}, ${y}) AS BIGINT)`),
  define(
    'INSTR',
    'STRING, STRING, INT64?, INT64? -> INT64',
    ([x, y, p, n]) => `bq_instr(${x}, ${y}, ${p ?? '1::BIGINT'}, ${n ?? '1::BIGINT'})`,
  ),
  define('CONTAINS_SUBSTR', 'STRING, =STRING -> BOOL', ([x, y]) => `bq_contains_substr(${x}, ${y})`),
  define('SPLIT', 'STRING, STRING? -> ARRAY<STRING>', ([x, d]) => `string_split(${x}, ${d ?? `','`})`),
  define('SOUNDEX', 'STRING -> STRING', f('bq_soundex')),
  define('TRANSLATE', 'STRING, STRING, STRING -> STRING', f('bq_translate')),
  define(
    'ASCII',
    'STRING -> INT64',
    ([x]) => `CASE WHEN ${x} = '' THEN 0 ELSE CAST(ascii(${x}) AS BIGINT) END`,
  ),
  define(
    'UNICODE',
    'STRING -> INT64',
    ([x]) => `CASE WHEN ${x} = '' THEN 0 ELSE CAST(unicode(${x}) AS BIGINT) END`,
  ),
  define('CHR', 'INT64 -> STRING', f('bq_chr')),
  define(
    'TO_CODE_POINTS',
    'STRING -> ARRAY<INT64>',
    ([x]) => `CAST(CAST(bq_code_points(${x}) AS JSON) AS BIGINT[])`,
  ),
  define(
    'CODE_POINTS_TO_STRING',
    'ARRAY<INT64> -> STRING',
    ([x]) =>
      `CASE WHEN list_count(${x}) = len(${x}) THEN array_to_string(list_transform(${x}, lambda c: bq_chr(c)), '') END`,
  ),
  define('TO_HEX', 'BYTES -> STRING', ([x]) => `lower(hex(${x}))`),
  define('FROM_HEX', 'STRING -> BYTES', ([x]) => `unhex(${x})`),
  define('TO_BASE64', 'BYTES -> STRING', f('base64')),
  define('FROM_BASE64', 'STRING -> BYTES', f('from_base64')),
  define('GENERATE_UUID', '-> STRING', () => 'CAST(gen_random_uuid() AS VARCHAR)'),
].flat()
