import { constantText } from '../analyze/typed.ts'
import { invalid, unsupported } from '../sql/problem.ts'
import { define, type EmitContext, type FunctionEntry } from './define.ts'

/** How many capturing groups a constant pattern has; patterns must be constant to be checked at all. */
function groups(context: EmitContext, name: string): number {
  const pattern = constantText(context.args[1])
  if (pattern === null) throw unsupported(context.at, `${name} with a pattern that is not constant`)
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

function oneGroup(context: EmitContext, name: string): number {
  const count = groups(context, name)
  if (count > 1) throw invalid(context.at, `Regular expression in ${name} has more than 1 capturing group`)
  return count
}

/** \1 stays \1 in RE2's rewrite; \\ is a backslash. */
function rewrite(context: EmitContext): void {
  const text = constantText(context.args[2])
  if (text === null) throw unsupported(context.at, 'REGEXP_REPLACE with a replacement that is not constant')
  const highest = Math.max(0, ...[...text.matchAll(/\\(\d)/g)].map((match) => Number(match[1])))
  if (/\\[^\d\\]|(?<!\\)(?:\\\\)*\\$/.test(text) || highest > groups(context, 'REGEXP_REPLACE'))
    throw invalid(context.at, `Invalid REGEXP_REPLACE pattern: ${text}`)
}

/** RE2 in both. https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#regexp_contains */
export const regexpFunctions: FunctionEntry[] = [
  define('REGEXP_CONTAINS', 'STRING, STRING -> BOOL', ([x, p], c) => {
    groups(c, 'REGEXP_CONTAINS')
    return `regexp_matches(${x}, ${p})`
  }),
  define('REGEXP_EXTRACT REGEXP_SUBSTR', 'STRING, STRING -> STRING', ([x, p], c) =>
    extract(x!, p!, oneGroup(c, 'REGEXP_EXTRACT')),
  ),
  define('REGEXP_EXTRACT REGEXP_SUBSTR', 'STRING, STRING, INT64, INT64? -> STRING', ([x, p, start, n], c) => {
    const count = oneGroup(c, 'REGEXP_EXTRACT')
    const from = `substring(${x}, ${start})`
    return `(regexp_extract_all(${from}, ${p}, ${count}))[${n ?? 1}]`
  }),
  define(
    'REGEXP_EXTRACT_ALL',
    'STRING, STRING -> ARRAY<STRING>',
    ([x, p], c) => `regexp_extract_all(${x}, ${p}, ${oneGroup(c, 'REGEXP_EXTRACT_ALL')})`,
  ),
  define('REGEXP_REPLACE', 'STRING, STRING, STRING -> STRING', ([x, p, r], c) => {
    groups(c, 'REGEXP_REPLACE')
    rewrite(c)
    return `regexp_replace(${x}, ${p}, ${r}, 'g')`
  }),
].flat()
