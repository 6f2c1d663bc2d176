import { column } from 'dagwright'

/** Columns that several tables share. */

/** Of a table with one partition per snapshot. */
export const referenceDate = column.required(
  column.date('Logical date of the snapshot, in the time zone of the DAG'),
)

/** Of a table that holds the latest state. */
export const lastSeen = (what: string) => column.required(column.date(`Last snapshot that held the ${what}`))

/** AniList's dates may lack the day, the month or everything. */
export const fuzzyDateFields = {
  year: column.int64('Year, if known'),
  month: column.int64('Month, if known'),
  day: column.int64('Day, if known'),
}

/** Scores, minutes and states that tables of the refined layer have in common. */
export const statuses = ['CURRENT', 'PLANNING', 'COMPLETED', 'DROPPED', 'PAUSED', 'REPEATING']
export const precisions = ['none', 'year', 'month', 'day']

/** Days that rows are kept for, by layer; RAW keeps all. */
export const retention = { tru: 5 * 365, ref: 3 * 365, dmt: 2 * 365 } as const
