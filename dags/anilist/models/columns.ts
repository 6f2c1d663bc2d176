/** Columns that several tables share. */

export const loadColumns = {
  _load_id: { type: 'STRING', description: 'Run and execution that wrote the row last' },
  _loaded_at: { type: 'TIMESTAMP', description: 'When the row was written last' },
} as const

export const referenceDate = {
  type: 'DATE',
  required: true,
  description: 'Logical date of the snapshot, in the time zone of the DAG',
} as const

/** AniList's dates may lack the day, the month or everything. */
export const fuzzyDateFields = {
  year: { type: 'INT64', description: 'Year, if known' },
  month: { type: 'INT64', description: 'Month, if known' },
  day: { type: 'INT64', description: 'Day, if known' },
} as const
