import { castValue } from '../analyze/cast.ts'
import { formatPattern } from '../analyze/cast-format.ts'
import { typed } from '../analyze/typed.ts'
import type { StoredField } from '../catalog/entry.ts'
import { invalidRequest } from '../resources/missing.ts'
import { duckType, quoteText } from '../types/duck.ts'
import { STRING, typeOfField } from '../types/type.ts'
import type { LoadRequest } from '../warehouse.ts'

/**
 * SQL of a field's value from its text in a CSV file; fails where the text is none of the type.
 * https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv#data_types
 */
export function fromText(sql: string, field: StoredField, csv: NonNullable<LoadRequest['csv']>): string {
  const type = typeOfField(field)
  const zone = quoteText(csv.timeZone ?? 'UTC')
  switch (field.type) {
    case 'STRING':
      return sql
    case 'BOOL': {
      const failure = `CAST(bq_error('Unable to parse') AS BOOLEAN)`
      return `CASE WHEN lower(${sql}) IN ('true', 't', 'yes', 'y', '1') THEN TRUE WHEN lower(${sql}) IN ('false', 'f', 'no', 'n', '0') THEN FALSE WHEN ${sql} IS NOT NULL THEN ${failure} END`
    }
    case 'JSON':
      return `bq_parse_json(${sql}, 'round')`
    case 'BYTES':
      return `from_base64(${sql})`
    case 'TIMESTAMP':
      return csv.timestampFormat === undefined
        ? `CAST(make_timestamptz(bq_text_timestamp(regexp_replace(${sql}, ' UTC$', 'Z'), ${zone})) AS ${duckType(type)})`
        : `make_timestamptz(CAST(${parsed(csv.timestampFormat, sql, 'TIMESTAMP', zone)} AS BIGINT))`
    case 'DATE':
      if (csv.dateFormat !== undefined) return `CAST(${parsed(csv.dateFormat, sql, 'DATE', zone)} AS DATE)`
      break
    case 'DATETIME':
      if (csv.datetimeFormat !== undefined)
        return `make_timestamp(CAST(${parsed(csv.datetimeFormat, sql, 'DATETIME', zone)} AS BIGINT))`
      break
    case 'TIME':
      if (csv.timeFormat !== undefined) return `CAST(${parsed(csv.timeFormat, sql, 'TIME', zone)} AS TIME)`
  }
  return castValue(typed(sql, STRING), type, false, 0).sql
}

/** Formats are written as in `CAST(… FORMAT …)`. */
function parsed(format: string, sql: string, kind: string, zone: string): string {
  return `bq_parse(${quoteText(formatPattern(format, 0))}, ${sql}, '${kind}', ${zone})`
}

/** Refuses what no value of a CSV file could be. */
export function checkFlat(schema: readonly StoredField[]): void {
  for (const field of schema)
    if (field.mode === 'REPEATED' || field.type === 'STRUCT')
      throw invalidRequest(
        `Failed to parse CSV schema: field ${field.name} is ${field.mode === 'REPEATED' ? 'repeated' : 'a record'}; CSV cannot hold nested or repeated data`,
      )
}
