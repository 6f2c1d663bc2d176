import {
  civilToInstant,
  datetimeText,
  floorDivide,
  parseDate,
  parseTime,
  zoneOffset,
} from '../../types/temporal.ts'

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** %F, %T and the like in terms of simpler elements. */
const compound: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  h: '%b',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
}

function expand(format: string): string {
  return format.replace(/%(.)/g, (whole, element: string) => compound[element] ?? whole)
}

/**
 * A civil time as text. `micros` is an instant; `zone` says where its civil time is read.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements#format_elements_date_time
 */
export function formatTime(format: string, instant: bigint, zone: string): string {
  const offset = zoneOffset(instant, zone)
  if (offset === null) throw new Error(`Invalid time zone: ${zone}`)
  const micros = instant + offset
  const date = new Date(Number(floorDivide(micros, 1000n)))
  const fraction = micros - floorDivide(micros, 1_000_000n) * 1_000_000n
  return expand(format).replace(/%(E\*S|E4Y|E([0-6])S|Ez|.)/g, (whole, element: string, digits?: string) => {
    if (element === 'E*S' || digits !== undefined) {
      const all = fraction.toString().padStart(6, '0')
      const part = digits === undefined ? all.replace(/0+$/, '') : all.slice(0, Number(digits))
      return two(date.getUTCSeconds()) + (part === '' ? '' : `.${part}`)
    }
    const text = elementText(element, date, instant, offset)
    if (text === null) throw new Error(`Unsupported in the local warehouse: format element ${whole}`)
    return text
  })
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function elementText(element: string, date: Date, instant: bigint, offset: bigint): string | null {
  const year = date.getUTCFullYear()
  const weekday = date.getUTCDay()
  const dayOfYear =
    Math.floor((Date.UTC(year, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(year, 0, 1)) / 86_400_000) +
    1
  const hour12 = date.getUTCHours() % 12 || 12
  switch (element) {
    case 'Y':
    case 'E4Y':
      return String(year).padStart(4, '0')
    case 'y':
      return two(year % 100)
    case 'C':
      return two(Math.floor(year / 100))
    case 'm':
      return two(date.getUTCMonth() + 1)
    case 'd':
      return two(date.getUTCDate())
    case 'e':
      return String(date.getUTCDate()).padStart(2, ' ')
    case 'H':
      return two(date.getUTCHours())
    case 'k':
      return String(date.getUTCHours()).padStart(2, ' ')
    case 'I':
      return two(hour12)
    case 'l':
      return String(hour12).padStart(2, ' ')
    case 'M':
      return two(date.getUTCMinutes())
    case 'S':
      return two(date.getUTCSeconds())
    case 'p':
      return date.getUTCHours() < 12 ? 'AM' : 'PM'
    case 'P':
      return date.getUTCHours() < 12 ? 'am' : 'pm'
    case 'j':
      return String(dayOfYear).padStart(3, '0')
    case 'Q':
      return String(Math.floor(date.getUTCMonth() / 3) + 1)
    case 'a':
      return days[weekday]!.slice(0, 3)
    case 'A':
      return days[weekday]!
    case 'b':
      return months[date.getUTCMonth()]!.slice(0, 3)
    case 'B':
      return months[date.getUTCMonth()]!
    case 'u':
      return String(weekday || 7)
    case 'w':
      return String(weekday)
    case 'U':
      return two(Math.floor((dayOfYear + 6 - weekday) / 7))
    case 'W':
      return two(Math.floor((dayOfYear + 6 - ((weekday + 6) % 7)) / 7))
    case 'V':
      return two(isoWeek(date)[1])
    case 'G':
      return String(isoWeek(date)[0])
    case 'g':
      return two(isoWeek(date)[0] % 100)
    case 's':
      return floorDivide(instant, 1_000_000n).toString()
    case 'z':
    case 'Ez':
      return offsetText(offset, element === 'Ez')
    case 'Z':
      return zoneName(offset)
    case 'n':
      return '\n'
    case 't':
      return '\t'
    case '%':
      return '%'
    default:
      return null
  }
}

function isoWeek(date: Date): [number, number] {
  const thursday = new Date(date.getTime())
  thursday.setUTCDate(date.getUTCDate() + 3 - ((date.getUTCDay() + 6) % 7))
  const year = thursday.getUTCFullYear()
  const first = Date.UTC(year, 0, 1)
  return [year, Math.floor((thursday.getTime() - first) / 86_400_000 / 7) + 1]
}

function offsetText(offset: bigint, colon: boolean): string {
  const minutes = Number(offset / 60_000_000n)
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${colon ? ':' : ''}${two(size % 60)}`
}

/** A zone by its distance from UTC, as short as it can be: UTC, UTC-7, UTC+5:30. */
function zoneName(offset: bigint): string {
  const minutes = Number(offset / 60_000_000n)
  const size = Math.abs(minutes)
  if (size === 0) return 'UTC'
  return `UTC${minutes < 0 ? '-' : '+'}${Math.floor(size / 60)}${size % 60 === 0 ? '' : `:${two(size % 60)}`}`
}

interface Parsed {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  micros: number
  pm: boolean | null
  offset: bigint | null
  zone: string | null
  epoch: bigint | null
}

/** DATE and TIME as text, DATETIME and TIMESTAMP as microseconds. Throws where the text does not fit the format. */
export function parseByFormat(format: string, text: string, kind: string, zone: string): string {
  const bad = (): Error => new Error(`Failed to parse input string ${JSON.stringify(text)}`)
  const parsed = read(expand(format), text, bad)
  if (parsed.epoch !== null)
    return kind === 'TIMESTAMP' || kind === 'DATETIME'
      ? parsed.epoch.toString()
      : datetimeText(parsed.epoch).slice(0, 10)
  if (parsed.pm !== null) parsed.hour = (parsed.hour % 12) + (parsed.pm ? 12 : 0)
  const date = parseDate(`${String(parsed.year).padStart(4, '0')}-${parsed.month}-${parsed.day}`)
  const fraction = String(parsed.micros).padStart(6, '0')
  const time = parseTime(`${parsed.hour}:${parsed.minute}:${parsed.second}.${fraction}`)
  if (date === null || time === null) throw bad()
  if (kind === 'DATE') return date
  if (kind === 'TIME') return time
  const civil = civilMicros(date, parsed)
  if (kind === 'DATETIME') return civil.toString()
  if (parsed.offset !== null) return (civil - parsed.offset).toString()
  const instant = civilToInstant(civil, parsed.zone ?? zone)
  if (instant === null) throw bad()
  return instant.toString()
}

function civilMicros(date: string, parsed: Parsed): bigint {
  const millis = BigInt(Date.parse(`${date}T00:00:00Z`))
  return (
    millis * 1000n +
    BigInt(parsed.hour * 3600 + parsed.minute * 60 + parsed.second) * 1_000_000n +
    BigInt(parsed.micros)
  )
}

function read(format: string, text: string, bad: () => Error): Parsed {
  const out: Parsed = {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    micros: 0,
    pm: null,
    offset: null,
    zone: null,
    epoch: null,
  }
  let at = 0
  const take = (pattern: RegExp): string => {
    const match = new RegExp(pattern.source, 'iy')
    match.lastIndex = at
    const found = match.exec(text)
    if (!found) throw bad()
    at += found[0].length
    return found[0]
  }
  const number = (digits: number): number => Number(take(new RegExp(`\\d{1,${digits}}`)))
  const skip = (): void => {
    while (/\s/.test(text[at] ?? '')) at++
  }
  skip()
  for (const [piece, element] of [...format.matchAll(/%(E\*S|E4Y|E[0-6]S|Ez|.)|\s+|[^%\s]+/g)].map(
    (m) => [m[0], m[1]] as const,
  )) {
    if (element === undefined) {
      if (/^\s/.test(piece)) skip()
      else if (text.startsWith(piece, at)) at += piece.length
      else throw bad()
      continue
    }
    switch (element) {
      case 'Y':
      case 'E4Y':
        out.year = Number(take(/\d{1,4}/))
        break
      case 'y':
        out.year = number(2)
        out.year += out.year < 69 ? 2000 : 1900
        break
      case 'm':
        out.month = number(2)
        break
      case 'd':
      case 'e':
        skip()
        out.day = number(2)
        break
      case 'H':
      case 'k':
        skip()
        out.hour = number(2)
        break
      case 'I':
      case 'l':
        skip()
        out.hour = number(2)
        if (out.hour < 1 || out.hour > 12) throw bad()
        out.pm ??= false
        break
      case 'M':
        out.minute = number(2)
        break
      case 'S':
        out.second = number(2)
        break
      case 'p':
      case 'P':
        out.pm = take(/[ap]m/).toLowerCase() === 'pm'
        break
      case 'b':
      case 'B':
        out.month = nameIndex(months, take(/[a-z]+/), bad) + 1
        break
      case 'a':
      case 'A':
        nameIndex(days, take(/[a-z]+/), bad)
        break
      case 'j': {
        const day = number(3)
        const date = new Date(Date.UTC(out.year, 0, day))
        out.month = date.getUTCMonth() + 1
        out.day = date.getUTCDate()
        break
      }
      case 's':
        out.epoch = BigInt(take(/-?\d+/)) * 1_000_000n
        break
      case 'z':
      case 'Ez':
        out.offset = readOffset(take(/z|[+-]\d{2}:?\d{2}/))
        break
      case 'Z':
        out.zone = take(/[a-z][\w/+-]*/)
        break
      case '%':
        take(/%/)
        break
      case 'n':
      case 't':
        skip()
        break
      default: {
        if (!/^E[\d*]S$/.test(element))
          throw new Error(`Unsupported in the local warehouse: format element %${element}`)
        const seconds = /^(\d{1,2})(?:\.(\d{1,9}))?$/.exec(take(/\d{1,2}(?:\.\d{1,9})?/))!
        out.second = Number(seconds[1])
        out.micros = Number((seconds[2] ?? '').slice(0, 6).padEnd(6, '0'))
      }
    }
  }
  skip()
  if (at !== text.length) throw bad()
  return out
}

function nameIndex(names: readonly string[], text: string, bad: () => Error): number {
  const wanted = text.toLowerCase()
  const i = names.findIndex(
    (name) => name.toLowerCase() === wanted || name.slice(0, 3).toLowerCase() === wanted,
  )
  if (i < 0) throw bad()
  return i
}

function readOffset(text: string): bigint {
  if (/^z$/i.test(text)) return 0n
  const digits = text.replace(':', '')
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))
  return BigInt(digits.startsWith('-') ? -minutes : minutes) * 60_000_000n
}
