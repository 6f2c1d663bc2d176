import { aggregates } from '../functions/aggregates.ts'
import type { FunctionEntry } from '../functions/define.ts'
import { scalarFamilies, scalars } from '../functions/index.ts'
import { knownFunctions } from '../functions/known.ts'
import { special } from '../functions/special.ts'
import { windowFunctions } from '../functions/windows.ts'
import { refusals } from './reference-refusals.ts'

/** Functions whose arguments are more than values, as they are written. */
const forms: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['DATE', 'DATETIME', 'TIMESTAMP', 'TIME'].flatMap((type) => [
      [`${type}_ADD`, `${type}, INTERVAL INT64 part -> ${type}`],
      [`${type}_SUB`, `${type}, INTERVAL INT64 part -> ${type}`],
      [`${type}_TRUNC`, `${type}, part${type === 'TIMESTAMP' ? ', zone?' : ''} -> ${type}`],
      [`${type}_DIFF`, `${type}, ${type}, part -> INT64`],
    ]),
  ),
  LAST_DAY: 'DATE, part? -> DATE',
  GENERATE_DATE_ARRAY: 'DATE, DATE, INTERVAL INT64 part? -> ARRAY<DATE>',
  GENERATE_TIMESTAMP_ARRAY: 'TIMESTAMP, TIMESTAMP, INTERVAL INT64 part -> ARRAY<TIMESTAMP>',
  IF: 'BOOL, T, T -> T',
  CONCAT: 'STRING... -> STRING, or BYTES... -> BYTES',
  ERROR: 'STRING -> never',
  EDIT_DISTANCE: 'STRING, STRING, max_distance => INT64? -> INT64, or of BYTES',
  FORMAT: '=STRING, T... -> STRING',
  TO_JSON_STRING: 'T, BOOL? -> STRING',
  TO_JSON: 'T, stringify_wide_numbers => BOOL? -> JSON',
  JSON_OBJECT: 'STRING, T, ... -> JSON',
  JSON_ARRAY: 'T... -> JSON',
  JSON_SET: 'JSON, =STRING, T, ..., create_if_missing => BOOL? -> JSON',
  JSON_REMOVE: 'JSON, =STRING... -> JSON',
  JSON_ARRAY_APPEND: 'JSON, =STRING, T, ..., append_each_element => BOOL? -> JSON',
  JSON_ARRAY_INSERT: 'JSON, =STRING, T, ..., insert_each_element => BOOL? -> JSON',
  JSON_STRIP_NULLS: 'JSON, =STRING?, include_arrays => BOOL?, remove_empty => BOOL? -> JSON',
  JSON_KEYS: 'JSON, INT64?, mode => =STRING? -> ARRAY<STRING>',
  PARSE_JSON: 'STRING, wide_number_mode => =STRING? -> JSON',
  MAKE_INTERVAL:
    'year INT64?, month INT64?, day INT64?, hour INT64?, minute INT64?, second INT64? -> INTERVAL',
  DATE_BUCKET: 'DATE, INTERVAL INT64 part, DATE? -> DATE',
  DATETIME_BUCKET: 'DATETIME, INTERVAL INT64 part, DATETIME? -> DATETIME',
  TIMESTAMP_BUCKET: 'TIMESTAMP, INTERVAL INT64 part, TIMESTAMP? -> TIMESTAMP',
  NORMALIZE: 'STRING, NFC or NFKC or NFD or NFKD? -> STRING',
  NORMALIZE_AND_CASEFOLD: 'STRING, NFC or NFKC or NFD or NFKD? -> STRING',
  IFERROR: 'T, T -> T',
  ISERROR: 'T -> BOOL',
  NULLIFERROR: 'T -> T',
}

/** Aggregates whose result no signature can say. */
const aggregateForms: Readonly<Record<string, string>> = {
  APPROX_TOP_SUM: 'G, INT64 or NUMERIC or FLOAT64, =INT64 -> ARRAY<STRUCT<value G, sum>>',
  'HLL_COUNT.INIT': 'INT64 or NUMERIC or BIGNUMERIC or STRING or BYTES, =INT64? -> BYTES',
  'HLL_COUNT.MERGE': 'BYTES -> INT64',
  'HLL_COUNT.MERGE_PARTIAL': 'BYTES -> BYTES',
  APPROX_QUANTILES: 'O, =INT64 -> ARRAY<O>',
  APPROX_TOP_COUNT: 'G, =INT64 -> ARRAY<STRUCT<value G, count INT64>>',
}

const differences = [
  'A statement is translated with the meaning it has on BigQuery, or refused with `Unsupported in the local warehouse: X at line:col`. Nothing passes through untranslated.',
  'There is one project; names of three parts must name it. A location is kept and shown, and means nothing else.',
  'Statements have one writer at a time. A transaction sees a snapshot, as on BigQuery.',
  'APPROX_COUNT_DISTINCT, APPROX_QUANTILES, APPROX_TOP_COUNT, APPROX_TOP_SUM and HLL_COUNT are exact; the sketches of HLL_COUNT are not those of BigQuery.',
  'SESSION_USER() is `local@localhost`: nobody signs in.',
  'SUM and AVG of FLOAT64 may differ from BigQuery in the last digits, as they do there between runs.',
  'Without ORDER BY, rows and the elements of ARRAY_AGG and STRING_AGG come in some order; it need not be the one that BigQuery gives.',
  'Clustering and labels are kept and shown; they do not make queries faster or cheaper.',
  'A statement that fails within a transaction undoes all of it: until the handler rolls back, it may not read or write tables, nor commit.',
  'A materialized view is computed when it is read, so it is never stale; a clone is a copy. Keys are declared, never enforced.',
  'There are no quotas.',
  'BigQuery ML: `LINEAR_REG` with ML.PREDICT, ML.EVALUATE, ML.WEIGHTS, ML.TRAINING_INFO and ML.FEATURE_INFO. Training solves the normal equations whatever `optimize_strategy` says, so the options of gradient descent change nothing. It minimizes the sum of squared errors plus `l2_reg` times the sum of squared weights of the standardized features, the intercept not counted; of several best solutions it takes the one with the smallest weights. A model has at most 2,000 weights. BigQuery, which stops descending early, differs in the last digits.',
]

/** docs/local-bigquery.md, from the tables by which statements are translated. */
export function referencePage(): string {
  return `${[
    '# SQL of the local BigQuery',
    'Generated from the tables in `simulator/warehouse/functions/`; a test refuses a page that differs. Write it anew with `UPDATE_GOLDEN=1 npx vitest run simulator/warehouse/reference-page.test.ts`.',
    'How to point clients at it: [local-cloud.md](local-cloud.md). Why it has a parser of its own: [ADR 3](adr/0003-own-sql-front-end.md).',
    '## How it differs',
    differences.map((line) => `- ${line}`).join('\n'),
    '## What is refused',
    rows(
      ['what', 'why'],
      refusals.map(({ what, why }) => [what, why]),
    ),
    '### Functions that are refused',
    'Not written; the refusal names them.',
    [...knownFunctions]
      .filter((name) => !supported(name))
      .toSorted()
      .map((name) => `\`${name}\``)
      .join(', '),
    '## Supported functions',
    "`?` marks an argument that may be left out, `...` one that repeats, `=` one that must be constant. `T` is any type, `O` any that can be ordered, `G` any that can be grouped; one letter is one type throughout. What else is supported is BigQuery's grammar: `CAST`, `SAFE_CAST`, `EXTRACT`, `CASE`, `EXISTS`, `IN`, `LIKE`, `BETWEEN`, `ARRAY(…)`, `STRUCT(…)`, and `SAFE.` before a scalar function.",
    ...Object.entries(scalarFamilies).flatMap(([title, entries]) => [
      `### ${title}`,
      listed(merged(entries)),
    ]),
    '### With a syntax of their own',
    listed([...special.keys()].map((name) => [name, [form(forms, name)]])),
    '### Aggregate',
    listed([...aggregates].map(([name, entry]) => [name, signatures(entry, aggregateForms)])),
    '### Window',
    'All aggregates with OVER, and:',
    listed([...windowFunctions].map(([name, entry]) => [name, signatures(entry, {})])),
  ].join('\n\n')}\n`
}

function supported(name: string): boolean {
  return [scalars, special, aggregates, windowFunctions].some((table) => table.has(name))
}

function merged(entries: readonly FunctionEntry[]): [string, string[]][] {
  const names = [...new Set(entries.map(({ name }) => name))]
  return names.map((name) => [name, signatures(scalars.get(name)!, {})])
}

function signatures(entry: FunctionEntry, fallback: Readonly<Record<string, string>>): string[] {
  return entry.signatures.length > 0 ? entry.signatures.map(({ text }) => text) : [form(fallback, entry.name)]
}

function form(known: Readonly<Record<string, string>>, name: string): string {
  const text = known[name]
  if (text === undefined) throw new Error(`${name} has no form in testing/reference-page.ts`)
  return text
}

function listed(functions: readonly (readonly [string, readonly string[]])[]): string {
  return rows(
    ['function', 'arguments', 'result'],
    functions
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, texts]) =>
        texts.map((text) => {
          const [left, right] = text.split(/ ?-> (?=[^>]*(?:>|$))/)
          return [`\`${name}\``, left === '' ? '' : `\`${left}\``, `\`${right}\``]
        }),
      ),
  )
}

function rows(header: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...body]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
