import { castValue } from '../analyze/cast.ts'
import { typed, type Typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import { quoteName, structNames } from '../types/duck.ts'
import { isNumber, isScalar, STRING, type Type, typeText } from '../types/type.ts'
import type { Source, TimestampPart } from './model.ts'

/** A term before training: where its value comes from and how it is read. */
export interface Encoding {
  readonly name: string
  readonly source: Source
  readonly kind: 'numeric' | 'category'
  readonly many: boolean
}

const parts: readonly TimestampPart[] = ['DOM', 'DOW', 'MOY', 'HOD', 'MOH', 'WOY', 'YEAR']

/** How a column becomes terms. https://cloud.google.com/bigquery/docs/auto-preprocessing#feature-transform */
export function encodings(column: { name: string; type: Type }, at: number): Encoding[] {
  const { name, type } = column
  if (type.kind !== 'struct') return valueEncodings(name, { column: name }, type, at)
  return type.fields.flatMap((field) => {
    if (field.name === null) throw invalid(at, `The fields of STRUCT feature ${name} must be named`)
    if (field.type.kind === 'struct') throw invalid(at, `STRUCT feature ${name} must not be nested`)
    const source = { column: name, field: field.name }
    return valueEncodings(`${name}_${field.name}`, source, field.type, at)
  })
}

function valueEncodings(name: string, source: Source, type: Type, at: number): Encoding[] {
  if (isNumber(type)) return [{ name, source, kind: 'numeric', many: false }]
  if (isScalar(type, 'TIMESTAMP'))
    return [
      { name, source: { ...source, part: 'UNIX' }, kind: 'numeric', many: false },
      ...parts.map((part) => ({
        name: `_TS_${part}_${name}`,
        source: { ...source, part },
        kind: 'category' as const,
        many: false,
      })),
    ]
  const many = type.kind === 'array'
  const element = type.kind === 'array' ? type.element : type
  if (element.kind !== 'scalar' || element.name === 'JSON' || (many && isNumber(element)))
    throw unsupported(at, `feature ${name} of type ${typeText(type)}`)
  return [{ name, source, kind: 'category', many }]
}

/** The value of a source as DuckDB SQL: DOUBLE for numeric terms, VARCHAR or VARCHAR[] for categories. */
export function encoded(value: Typed, source: Source): string {
  if (source.field === undefined || value.type.kind !== 'struct') return scalarValue(value, source.part)
  const i = value.type.fields.findIndex((field) => field.name?.toLowerCase() === source.field!.toLowerCase())
  const field = value.type.fields[i]
  if (!field) throw invalid(0, `Field ${source.field} of feature ${source.column} is missing`)
  const sql = `(${value.sql}).${quoteName(structNames(value.type.fields)[i]!)}`
  return scalarValue(typed(sql, field.type), source.part)
}

function scalarValue(value: Typed, part: TimestampPart | undefined): string {
  const { sql, type } = value
  if (isNumber(type)) return `CAST(${sql} AS DOUBLE)`
  if (part !== undefined) return timestampPart(sql, part)
  if (type.kind === 'array') {
    const item = type.element
    return isScalar(item, 'STRING')
      ? sql
      : `list_transform(${sql}, lambda e: ${categoryText(typed('e', item))})`
  }
  return categoryText(value)
}

function categoryText(value: Typed): string {
  return isScalar(value.type, 'BYTES') ? `base64(${value.sql})` : castValue(value, STRING, false, 0).sql
}

/** Components as EXTRACT gives them, in UTC. */
function timestampPart(sql: string, part: TimestampPart): string {
  const civil = `(${sql} AT TIME ZONE 'UTC')`
  const component: Readonly<Record<TimestampPart, string>> = {
    UNIX: `CAST(floor(epoch_us(${sql}) / 1e6) AS DOUBLE)`,
    DOM: `day(${civil})`,
    DOW: `(dayofweek(${civil}) + 1)`,
    MOY: `month(${civil})`,
    HOD: `hour(${civil})`,
    MOH: `minute(${civil})`,
    WOY: `CAST(strftime(${civil}, '%U') AS INTEGER)`,
    YEAR: `year(${civil})`,
  }
  return part === 'UNIX' ? component.UNIX : `CAST(${component[part]} AS VARCHAR)`
}
