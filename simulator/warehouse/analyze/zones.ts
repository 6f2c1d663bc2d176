import { isZone } from '../types/temporal.ts'
import { invalid } from '../../../sql/problem.ts'

/** The text of a constant in SQL, or null. */
function constantOf(zone: string): string | null {
  return /^'([^']*)'$/.exec(zone)?.[1] ?? null
}

/** Refuses a constant that is no time zone; other expressions are checked when the query runs. */
export function checkZone(zone: string, at: number): string {
  const text = constantOf(zone)
  if (text !== null && !isZone(text)) throw invalid(at, `Invalid time zone: ${text}`)
  return zone
}

/** SQL of the civil time (DATETIME) of a TIMESTAMP in a zone, which is SQL of text: a name or an offset. */
export function toCivil(instant: string, zone = `'UTC'`): string {
  const text = constantOf(zone)
  // Names are fast in DuckDB, which knows no offsets.
  if (text !== null && !/^[+-]/.test(text)) return `(${instant} AT TIME ZONE ${zone})`
  return `make_timestamp(bq_civil(epoch_us(${instant}), ${zone}))`
}

/** SQL of the TIMESTAMP of a civil time in a zone. Of two instants it takes the earlier, which DuckDB would not. */
export function toInstant(civil: string, zone = `'UTC'`): string {
  if (constantOf(zone) === 'UTC') return `(${civil} AT TIME ZONE 'UTC')`
  return `make_timestamptz(bq_instant(epoch_us(${civil}), ${zone}))`
}
