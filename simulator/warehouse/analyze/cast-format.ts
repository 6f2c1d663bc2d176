import { invalid, unsupported } from '../sql/problem.ts'
import { quoteText } from '../types/duck.ts'
import { DATE, isScalar, STRING, type Type, typeText } from '../types/type.ts'
import { safely } from './fail.ts'
import { typed, type Typed } from './typed.ts'

/** Elements of CAST's FORMAT and the strftime ones that mean the same. */
const elements: readonly (readonly [string, string])[] = [
  ['YYYY', '%Y'],
  ['MM', '%m'],
  ['DD', '%d'],
  ['HH24', '%H'],
  ['MI', '%M'],
  ['SS', '%S'],
]

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements */
export function castFormat(
  value: Typed,
  to: Type,
  format: string,
  zone: string,
  safe: boolean,
  at: number,
): Typed {
  const pattern = formatPattern(format, at)
  if (isScalar(value.type, 'STRING') && isScalar(to, 'DATE')) {
    if (/%[HMS]/.test(pattern)) throw invalid(at, 'DATE has no time of day')
    const sql = `CAST(bq_parse(${quoteText(pattern)}, ${value.sql}, 'DATE', 'UTC') AS DATE)`
    return typed(safe ? safely(sql, [value.sql], DATE) : sql, DATE)
  }
  if (!isScalar(to, 'STRING'))
    throw unsupported(at, `CAST with FORMAT from ${typeText(value.type)} to ${typeText(to)}`)
  if (isScalar(value.type, 'DATE') && !/%[HMS]/.test(pattern))
    return typed(`strftime(${value.sql}, ${quoteText(pattern)})`, STRING)
  if (isScalar(value.type, 'DATETIME')) return typed(`strftime(${value.sql}, ${quoteText(pattern)})`, STRING)
  if (isScalar(value.type, 'TIMESTAMP'))
    return typed(`strftime(${value.sql} AT TIME ZONE ${quoteText(zone)}, ${quoteText(pattern)})`, STRING)
  throw unsupported(at, `CAST with FORMAT from ${typeText(value.type)}`)
}

/** A FORMAT as the pattern of `bq_parse` and strftime. */
export function formatPattern(format: string, at: number): string {
  let out = ''
  let i = 0
  while (i < format.length) {
    const rest = format.slice(i)
    const element = elements.find(([name]) => rest.toUpperCase().startsWith(name))
    if (element) {
      out += element[1]
      i += element[0].length
    } else if (/^[-./,;: ]/.test(rest)) {
      out += rest[0]
      i++
    } else throw unsupported(at, `format element at ${JSON.stringify(rest)}`)
  }
  return out
}
