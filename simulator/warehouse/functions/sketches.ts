import type { Typed } from '../analyze/typed.ts'
import { typed } from '../analyze/typed.ts'
import { invalid } from '../../../sql/problem.ts'
import { BYTES, INT64, isScalar } from '../types/type.ts'
import type { AggregateContext } from './aggregates.ts'

/** A sketch holds the distinct values themselves, as JSON: counts are exact, and the bytes are the local warehouse's own. */
const values = (sketch: string): string => `CAST(CAST(decode(${sketch}) AS JSON) AS VARCHAR[])`

function sketchOf(list: string): string {
  return `encode(CAST(to_json(list_sort(${list})) AS VARCHAR))`
}

function typeName(value: Typed): string {
  return value.type.kind === 'scalar' ? value.type.name : value.type.kind
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/hll_functions */
export const sketchAggregates: Readonly<
  Record<string, (args: readonly Typed[], context: AggregateContext) => Typed | null>
> = {
  'HLL_COUNT.INIT': (args, c) => {
    const [x, precision] = args
    if (!x || args.length > 2 || !isScalar(x.type, 'INT64', 'NUMERIC', 'BIGNUMERIC', 'STRING', 'BYTES'))
      return null
    const bits = precision?.literal?.kind === 'int' ? Number(precision.literal.value) : precision ? 0 : 15
    if (bits < 10 || bits > 24) throw invalid(c.at, 'HLL_COUNT precision must be a literal from 10 to 24')
    const text = isScalar(x.type, 'BYTES') ? `hex(${x.sql})` : `CAST(${x.sql} AS VARCHAR)`
    const list = c.call('list', `'${typeName(x)}:' || ${text}`, `${x.sql} IS NOT NULL`)
    // Without values there is no sketch.
    return typed(`CASE WHEN len(${list}) > 0 THEN ${sketchOf(`list_distinct(${list})`)} END`, BYTES)
  },
  'HLL_COUNT.MERGE': (args, c) => {
    const [x] = args
    if (!x || args.length > 1 || !isScalar(x.type, 'BYTES')) return null
    const list = c.call('list', values(x.sql), `${x.sql} IS NOT NULL`)
    return typed(`CAST(COALESCE(len(list_distinct(flatten(${list}))), 0) AS BIGINT)`, INT64)
  },
  'HLL_COUNT.MERGE_PARTIAL': (args, c) => {
    const [x] = args
    if (!x || args.length > 1 || !isScalar(x.type, 'BYTES')) return null
    const list = c.call('list', values(x.sql), `${x.sql} IS NOT NULL`)
    return typed(`CASE WHEN len(${list}) > 0 THEN ${sketchOf(`list_distinct(flatten(${list}))`)} END`, BYTES)
  },
}

/** HLL_COUNT.EXTRACT */
export function sketchSize(sketch: string): string {
  return `CAST(COALESCE(len(${values(sketch)}), 0) AS BIGINT)`
}
