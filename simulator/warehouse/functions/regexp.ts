import { constantText } from '../analyze/typed.ts'
import { invalid } from '../../../sql/problem.ts'
import { define, type EmitContext, type FunctionEntry } from './define.ts'

/** How many capturing groups a constant pattern has; null for a pattern that is known only when the query runs. */
function groups(context: EmitContext): number | null {
  const pattern = constantText(context.args[1])
  if (pattern === null) return null
  const bare = pattern
    .replace(/\\Q[\s\S]*?(\\E|$)/g, '')
    .replace(/\\[\s\S]/g, '')
    .replace(/\[\^?\]?[^\]]*\]/g, '')
  const count = (bare.match(/\((?!\?)|\(\?P?<[A-Za-z]/g) ?? []).length
  if (/\(\?(=|!|<=|<!)/.test(bare) || /\\[1-9]/.test(pattern.replaceAll('\\\\', '')))
    throw invalid(context.at, `Cannot parse regular expression: invalid perl operator in ${pattern}`)
  return count
}

function extract(x: string, pattern: string, count: number): string {
  // DuckDB answers '' for no match.
  return `CASE WHEN regexp_matches(${x}, ${pattern}) THEN regexp_extract(${x}, ${pattern}, ${count}) END`
}

function oneGroup(context: EmitContext, name: string): number | null {
  const count = groups(context)
  if (count !== null && count > 1)
    throw invalid(
      context.at,
      name === 'REGEXP_INSTR'
        ? 'Regular expressions passed into REGEXP_INSTR must not have more than 1 capturing group'
        : 'Regular expressions passed into extraction functions must not have more than 1 capturing group',
    )
  return count
}

/** Whether a constant replacement can stay with DuckDB: \\1 stays \\1 in RE2's rewrite; \\\\ is a backslash. */
function rewrites(context: EmitContext, count: number | null): boolean {
  const text = constantText(context.args[2])
  if (text === null || count === null) return false
  const highest = Math.max(0, ...[...text.matchAll(/\\(\d)/g)].map((match) => Number(match[1])))
  if (/\\[^\d\\]|(?<!\\)(?:\\\\)*\\$/.test(text) || highest > count)
    throw invalid(context.at, `Invalid REGEXP_REPLACE pattern: ${text}`)
  return true
}

/** Each byte as a character: patterns, too, see bytes and not UTF-8. */
const text = (x: string | undefined): string => `bq_bytes_text(${x})`

const one = '1::BIGINT'

const bytesForms: FunctionEntry[] = [
  define('REGEXP_CONTAINS', 'BYTES, BYTES -> BOOL', ([x, p]) => `bq_regexp_contains(${text(x)}, ${text(p)})`),
  define(
    'REGEXP_EXTRACT REGEXP_SUBSTR',
    'BYTES, BYTES, INT64?, INT64? -> BYTES',
    ([x, p, start, n]) =>
      `bq_text_bytes(bq_regexp_extract(${text(x)}, ${text(p)}, ${start ?? one}, ${n ?? one}))`,
  ),
  define(
    'REGEXP_EXTRACT_ALL',
    'BYTES, BYTES -> ARRAY<BYTES>',
    ([x, p]) =>
      `list_transform(CAST(CAST(bq_regexp_extract_all(${text(x)}, ${text(p)}) AS JSON) AS VARCHAR[]), lambda m: bq_text_bytes(m))`,
  ),
  define(
    'REGEXP_INSTR',
    'BYTES, BYTES, INT64?, INT64?, INT64? -> INT64',
    ([x, p, start, n, after]) =>
      `bq_regexp_instr(${text(x)}, ${text(p)}, ${start ?? one}, ${n ?? one}, ${after ?? '0::BIGINT'})`,
  ),
  define(
    'REGEXP_REPLACE',
    'BYTES, BYTES, BYTES -> BYTES',
    ([x, p, r]) => `bq_text_bytes(bq_regexp_replace(${text(x)}, ${text(p)}, ${text(r)}))`,
  ),
].flat()

/** RE2 in both. https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#regexp_contains */
export const regexpFunctions: FunctionEntry[] = [
  define('REGEXP_CONTAINS', 'STRING, STRING -> BOOL', ([x, p], c) =>
    groups(c) === null ? `bq_regexp_contains(${x}, ${p})` : `regexp_matches(${x}, ${p})`,
  ),
  define('REGEXP_EXTRACT REGEXP_SUBSTR', 'STRING, STRING -> STRING', ([x, p], c) => {
    const count = oneGroup(c, 'REGEXP_EXTRACT')
    // A group that took no part is NULL, which DuckDB cannot tell from empty text.
    const optional = count === 1 && /\)(?:[?*]|\{0)|\|/.test(constantText(c.args[1]) ?? '')
    return count === null || optional ? `bq_regexp_extract(${x}, ${p}, 1, 1)` : extract(x!, p!, count)
  }),
  define('REGEXP_EXTRACT REGEXP_SUBSTR', 'STRING, STRING, INT64, INT64? -> STRING', ([x, p, start, n], c) => {
    oneGroup(c, 'REGEXP_EXTRACT')
    return `bq_regexp_extract(${x}, ${p}, ${start}, ${n ?? '1::BIGINT'})`
  }),
  define('REGEXP_EXTRACT_ALL', 'STRING, STRING -> ARRAY<STRING>', ([x, p], c) => {
    const count = oneGroup(c, 'REGEXP_EXTRACT_ALL')
    return count === null
      ? `CAST(CAST(bq_regexp_extract_all(${x}, ${p}) AS JSON) AS VARCHAR[])`
      : `regexp_extract_all(${x}, ${p}, ${count})`
  }),
  define('REGEXP_INSTR', 'STRING, STRING, INT64?, INT64?, INT64? -> INT64', ([x, p, start, n, after], c) => {
    oneGroup(c, 'REGEXP_INSTR')
    return `bq_regexp_instr(${x}, ${p}, ${start ?? one}, ${n ?? one}, ${after ?? '0::BIGINT'})`
  }),
  define('REGEXP_REPLACE', 'STRING, STRING, STRING -> STRING', ([x, p, r], c) =>
    rewrites(c, groups(c)) ? `regexp_replace(${x}, ${p}, ${r}, 'g')` : `bq_regexp_replace(${x}, ${p}, ${r})`,
  ),
  ...bytesForms,
].flat()
