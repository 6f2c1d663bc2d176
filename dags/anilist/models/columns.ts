import { column } from 'dagwright'

/** Columns that several tables share. */

export const loadColumns = {
  _load_id: column.string('Run and execution that wrote the row last'),
  _loaded_at: column.timestamp('When the row was written last'),
}

export const referenceDate = column.required(
  column.date('Logical date of the snapshot, in the time zone of the DAG'),
)

/** AniList's dates may lack the day, the month or everything. */
export const fuzzyDateFields = {
  year: column.int64('Year, if known'),
  month: column.int64('Month, if known'),
  day: column.int64('Day, if known'),
}
