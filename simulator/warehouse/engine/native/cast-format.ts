import { VARCHAR, BIGINT, DOUBLE, BLOB, DuckDBBlobValue } from '@duckdb/node-api'
import { parseDecimal } from '../../types/numeric.ts'
import { civilToInstant, datetimeText, floorDivide, parseDate, zoneOffset } from '../../types/temporal.ts'
import { native, type NativeFunction, need } from './define.ts'

const months = 'January February March April May June July August September October November December'.split(
  ' ',
)
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** Elements of CAST's FORMAT, longest first. */
const names = [
  'SSSSS',
  'YYYY',
  'RRRR',
  'Y,YYY',
  'MONTH',
  'HH24',
  'HH12',
  'A.M.',
  'P.M.',
  'YYY',
  'MON',
  'DDD',
  'DAY',
  'TZH',
  'TZM',
  'FF1',
  'FF2',
  'FF3',
  'FF4',
  'FF5',
  'FF6',
  'FF7',
  'FF8',
  'FF9',
  'YY',
  'RR',
  'MM',
  'DD',
  'DY',
  'HH',
  'MI',
  'SS',
  'AM',
  'PM',
  'Y',
  'D',
  'Q',
] as const

interface Element {
  /** Upper case; `text` for what stands for itself. */
  readonly name: string
  readonly text: string
}

/** A format as elements; null for what is no format of dates and times. */
export function dateElements(format: string): Element[] | null {
  const out: Element[] = []
  let at = 0
  while (at < format.length) {
    const rest = format.slice(at)
    const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(rest)
    const name = names.find((item) => rest.toUpperCase().startsWith(item))
    if (quoted) out.push({ name: 'text', text: quoted[1]!.replace(/\\(.)/g, '$1') })
    else if (name) out.push({ name, text: rest.slice(0, name.length) })
    else if (/^[-./,;: ]/.test(rest)) out.push({ name: 'text', text: rest[0]! })
    else if (!/^[Tt]/.test(rest)) return null
    else out.push({ name: 'text', text: rest[0]! })
    at += quoted ? quoted[0].length : name ? name.length : 1
  }
  return out
}

/** A name in the case in which its element is written: MONTH, Month or month. */
function inCase(name: string, element: string): string {
  if (/^[a-z]/.test(element)) return name.toLowerCase()
  return /^.[a-z]/.test(element) ? name : name.toUpperCase()
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** `civil` in microseconds; `offset` of the zone in microseconds. */
function format(text: string, civil: bigint, offset: bigint): string {
  const date = new Date(Number(floorDivide(civil, 1000n)))
  const year = date.getUTCFullYear()
  const hour = date.getUTCHours()
  const micros = Number(civil - floorDivide(civil, 1_000_000n) * 1_000_000n)
  const minutes = Number(offset / 60_000_000n)
  const element = ({ name, text: written }: Element): string => {
    const half = hour < 12 ? 'AM' : 'PM'
    switch (name) {
      case 'text':
        return written
      case 'YYYY':
      case 'RRRR':
        return String(year).padStart(4, '0')
      case 'Y,YYY':
        return `${Math.floor(year / 1000)},${String(year % 1000).padStart(3, '0')}`
      case 'YYY':
        return String(year % 1000).padStart(3, '0')
      case 'YY':
      case 'RR':
        return two(year % 100)
      case 'Y':
        return String(year % 10)
      case 'Q':
        return String(Math.floor(date.getUTCMonth() / 3) + 1)
      case 'MONTH':
        return inCase(months[date.getUTCMonth()]!, written)
      case 'MON':
        return inCase(months[date.getUTCMonth()]!.slice(0, 3), written)
      case 'MM':
        return two(date.getUTCMonth() + 1)
      case 'DDD':
        return String(Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1).padStart(3, '0')
      case 'DD':
        return two(date.getUTCDate())
      case 'D':
        return String(date.getUTCDay() + 1)
      case 'DAY':
        return inCase(days[date.getUTCDay()]!, written)
      case 'DY':
        return inCase(days[date.getUTCDay()]!.slice(0, 3), written)
      case 'HH24':
        return two(hour)
      case 'HH':
      case 'HH12':
        return two(hour % 12 || 12)
      case 'MI':
        return two(date.getUTCMinutes())
      case 'SS':
        return two(date.getUTCSeconds())
      case 'SSSSS':
        return String(hour * 3600 + date.getUTCMinutes() * 60 + date.getUTCSeconds()).padStart(5, '0')
      case 'AM':
      case 'PM':
        return /^[a-z]/.test(written) ? half.toLowerCase() : half
      case 'A.M.':
      case 'P.M.':
        return inCase(half === 'AM' ? 'A.M.' : 'P.M.', /^[a-z]/.test(written) ? 'a' : 'A.')
      case 'TZH':
        return `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}`
      case 'TZM':
        return two(Math.abs(minutes) % 60)
      default:
        return String(micros)
          .padStart(6, '0')
          .padEnd(9, '0')
          .slice(0, Number(name.slice(2)))
    }
  }
  return dateElements(text)!.map(element).join('')
}

/** Text by a format, in microseconds since the epoch. What the format does not give is the start of today's month. */
function parse(text: string, pattern: string, zone: string, today: bigint): bigint {
  const bad = (): never => need<never>(null, `Failed to parse input string ${JSON.stringify(text)}`)
  const now = new Date(Number(floorDivide(today, 1000n)))
  let [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth() + 1, 1]
  let [hour, minute, second, micros] = [0, 0, 0, 0]
  let pm: boolean | null = null
  let offset: number | null = null
  let yearDay: number | null = null
  let at = 0
  const take = (expression: RegExp): string => {
    const sticky = new RegExp(expression.source, 'iy')
    sticky.lastIndex = at
    const match = sticky.exec(text) ?? bad()
    at += match[0].length
    return match[0]
  }
  const number = (least: number, most: number): number => Number(take(new RegExp(`\\d{${least},${most}}`)))
  const named = (list: readonly string[], size?: number): number => {
    const i = list.findIndex((name) => {
      const wanted = name.slice(0, size ?? name.length).toLowerCase()
      return text.slice(at, at + wanted.length).toLowerCase() === wanted
    })
    if (i < 0) bad()
    at += size ?? list[i]!.length
    return i
  }
  while (/\s/.test(text[at] ?? '')) at++
  for (const { name, text: written } of dateElements(pattern)!) {
    switch (name) {
      case 'text':
        if (written === ' ') take(/\s+/)
        else if (text.startsWith(written, at)) at += written.length
        else bad()
        break
      case 'YYYY':
      case 'RRRR':
        year = number(1, 4)
        break
      case 'YYY':
        year = Math.floor(year / 1000) * 1000 + number(1, 3)
        break
      case 'YY':
        year = Math.floor(year / 100) * 100 + number(1, 2)
        break
      case 'RR': {
        const given = number(1, 2)
        const [century, current] = [Math.floor(now.getUTCFullYear() / 100), now.getUTCFullYear() % 100]
        year =
          (century + (given < 50 && current >= 50 ? 1 : given >= 50 && current < 50 ? -1 : 0)) * 100 + given
        break
      }
      case 'Y':
        year = Math.floor(year / 10) * 10 + number(1, 1)
        break
      case 'MM':
        month = number(1, 2)
        break
      case 'MONTH':
        month = named(months) + 1
        break
      case 'MON':
        month = named(months, 3) + 1
        break
      case 'DD':
        day = number(1, 2)
        break
      case 'DDD':
        yearDay = number(1, 3)
        break
      case 'HH24':
        hour = number(1, 2)
        break
      case 'HH':
      case 'HH12':
        hour = number(1, 2)
        if (hour < 1 || hour > 12) bad()
        pm ??= false
        break
      case 'MI':
        minute = number(1, 2)
        break
      case 'SS':
        second = number(1, 2)
        break
      case 'SSSSS': {
        const all = number(5, 5)
        ;[hour, minute, second] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
        break
      }
      case 'AM':
      case 'PM':
        pm = take(/[ap]m/).toLowerCase() === 'pm'
        break
      case 'A.M.':
      case 'P.M.':
        pm = take(/[ap]\.m\./).toLowerCase() === 'p.m.'
        break
      case 'TZH': {
        const hours = take(/[+-]\d{1,2}/)
        offset = Number(hours) * 60
        if (hours.startsWith('-') && offset === 0) offset = -0
        break
      }
      case 'TZM':
        offset = (offset ?? 0) + (Object.is(offset, -0) || (offset ?? 0) < 0 ? -1 : 1) * number(1, 2)
        break
      default: {
        if (!name.startsWith('FF')) bad()
        micros = Number(
          take(/\d{1,9}/)
            .slice(0, 6)
            .padEnd(6, '0'),
        )
      }
    }
  }
  while (/\s/.test(text[at] ?? '')) at++
  if (at !== text.length || hour > 23 || minute > 59 || second > 59) bad()
  if (pm !== null) hour = (hour % 12) + (pm ? 12 : 0)
  const date =
    yearDay === null
      ? parseDate(`${String(year).padStart(4, '0')}-${month}-${day}`)
      : datetimeText(BigInt(Date.UTC(year, 0, yearDay)) * 1000n).slice(0, 10)
  if (date === null) bad()
  const civil =
    BigInt(Date.parse(`${date}T00:00:00Z`)) * 1000n +
    BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n +
    BigInt(micros)
  if (offset !== null) return civil - BigInt(offset) * 60_000_000n
  return civilToInstant(civil, zone) ?? bad()
}

/** Elements of a number's format: `9` and `0` are digits, a sign takes a place of its own. */
export function isNumberFormat(format: string): boolean {
  return /^(S|\$|MI)?[90,G]*([.D][90]*)?(S|MI|PR)?$/i.test(format) && /[90]/.test(format)
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements#format_numeric_type_as_string */
function formatNumber(value: string, format: string): string {
  const body = /^(S|\$|MI)?([90,G]*)(?:([.D])([90]*))?(S|MI|PR)?$/i.exec(format)!
  const [, head = '', whole = '', point = '', fraction = '', tail = ''] = body
  const scaled = parseDecimal(value, fraction.length) ?? 0n
  const negative = scaled < 0n
  const digits = (negative ? -scaled : scaled).toString().padStart(fraction.length + 1, '0')
  const left = fraction === '' ? digits : digits.slice(0, -fraction.length)
  const right = fraction === '' ? '' : digits.slice(-fraction.length)
  const places = whole.replace(/[,G]/gi, '')
  const shown = left === '0' && !places.includes('0') && fraction !== '' ? '' : left
  const overflow = shown.length > places.length
  const first = places.indexOf('0')
  let out = ''
  let i = 0
  for (const place of whole) {
    if (/[,G]/i.test(place)) {
      out += out.trim() === '' ? ' ' : ','
      continue
    }
    const from = i - (places.length - shown.length)
    out += overflow ? '#' : from >= 0 ? shown[from]! : first >= 0 && i >= first ? '0' : ' '
    i++
  }
  const text = `${out}${point === '' ? '' : '.'}${overflow ? '#'.repeat(fraction.length) : right}`
  const bare = text.trimStart()
  const blanks = ' '.repeat(text.length - bare.length)
  const dollar = head === '$' ? '$' : ''
  const sign = negative ? '-' : '+'
  if (/^S$/i.test(tail)) return `${blanks}${dollar}${bare}${sign}`
  if (/^MI$/i.test(tail)) return `${blanks}${dollar}${bare}${negative ? '-' : ' '}`
  if (/^PR$/i.test(tail)) return negative ? `${blanks}<${dollar}${bare}>` : `${blanks} ${dollar}${bare} `
  if (/^S$/i.test(head)) return `${blanks}${sign}${bare}`
  return `${blanks}${negative ? '-' : ' '}${dollar}${bare}`
}

export const castFormatFunctions: readonly NativeFunction[] = [
  native(
    'bq_cast_format',
    [VARCHAR, BIGINT, VARCHAR],
    VARCHAR,
    (text: string, instant: bigint, zone: string) => {
      const offset = need(zoneOffset(instant, zone), `Invalid time zone: ${zone}`)
      return format(text, instant + offset, offset)
    },
  ),
  native('bq_cast_parse', [VARCHAR, VARCHAR, VARCHAR, BIGINT], BIGINT, parse),
  native('bq_cast_number', [VARCHAR, VARCHAR], VARCHAR, formatNumber),
  native('bq_cast_double', [DOUBLE, VARCHAR], VARCHAR, (x: number, text: string) =>
    Number.isFinite(x) ? formatNumber(String(x), text) : String(x),
  ),
  native('bq_bytes_to', [BLOB, VARCHAR], VARCHAR, (x: DuckDBBlobValue, encoding: string) => {
    const bytes = Buffer.from(x.bytes)
    if (encoding === 'ASCII' && bytes.some((byte) => byte > 127)) return need(null, 'Invalid ASCII bytes')
    return bytes.toString(encoding === 'HEX' ? 'hex' : encoding === 'ASCII' ? 'latin1' : 'base64')
  }),
  native('bq_bytes_from', [VARCHAR, VARCHAR], BLOB, (text: string, encoding: string) => {
    if (encoding === 'HEX') {
      if (!/^([0-9a-fA-F]{2})*$/.test(text))
        return need(null, `Failed to decode invalid hexadecimal string: ${text}`)
      return new DuckDBBlobValue(Buffer.from(text, 'hex'))
    }
    if (encoding === 'ASCII') return new DuckDBBlobValue(Buffer.from(text, 'latin1'))
    return new DuckDBBlobValue(Buffer.from(text, 'base64'))
  }),
]
