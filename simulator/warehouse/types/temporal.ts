/** Text forms of DATE, DATETIME, TIME and TIMESTAMP, in microseconds since the epoch. */

const DAY = 86_400_000_000n

const datePattern = String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`
const timePattern = String.raw`(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?`

function daysFrom(year: number, month: number, day: number): number | null {
  if (year < 1 || month < 1 || month > 12 || day < 1) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 86_400_000 : null
}

function microsOfDay(hour: number, minute: number, second: number, fraction = ''): bigint | null {
  if (hour > 23 || minute > 59 || second > 59) return null
  return BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}

/** Canonical `2024-01-31`, or null. */
export function parseDate(text: string): string | null {
  const match = new RegExp(`^${datePattern}$`).exec(text.trim())
  if (!match) return null
  const days = daysFrom(Number(match[1]), Number(match[2]), Number(match[3]))
  return days === null ? null : dateText(days)
}

export function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10)
}

/** Canonical `10:00:00[.ffffff]`, or null. */
export function parseTime(text: string): string | null {
  const match = new RegExp(`^${timePattern}$`).exec(text.trim())
  if (!match) return null
  const micros = microsOfDay(Number(match[1]), Number(match[2]), Number(match[3]), match[4])
  return micros === null ? null : timeText(micros)
}

export function timeText(micros: bigint): string {
  const seconds = micros / 1_000_000n
  const fraction = fractionText(micros % 1_000_000n)
  const two = (value: bigint): string => value.toString().padStart(2, '0')
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${fraction}`
}

/** Three digits of a fraction when they suffice, else six; nothing for zero. */
function fractionText(micros: bigint): string {
  if (micros === 0n) return ''
  const digits = micros.toString().padStart(6, '0')
  return `.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`
}

/** Microseconds since the epoch of a civil date and time, or null. */
export function parseDatetime(text: string): bigint | null {
  const match = new RegExp(`^${datePattern}(?:[ Tt]${timePattern})?$`).exec(text.trim())
  if (!match) return null
  const days = daysFrom(Number(match[1]), Number(match[2]), Number(match[3]))
  const time =
    match[4] === undefined ? 0n : microsOfDay(Number(match[4]), Number(match[5]), Number(match[6]), match[7])
  return days === null || time === null ? null : BigInt(days) * DAY + time
}

/** `2024-01-31T10:00:00[.fff[fff]]` with the given separator. */
export function datetimeText(micros: bigint, separator = 'T'): string {
  const days = floorDivide(micros, DAY)
  return `${dateText(Number(days))}${separator}${timeText(micros - days * DAY)}`
}

/** Microseconds since the epoch; text without a zone is in `zone`. Null if it is no timestamp. */
export function parseTimestamp(text: string, zone = 'UTC'): bigint | null {
  const match = /^(.*?)\s*(?:([Zz])|([+-]\d{1,2}(?::?\d{2})?)|\s([A-Za-z][\w+-]*(?:\/[\w+-]+)*))?$/.exec(
    text.trim(),
  )
  if (!match) return null
  let body = match[1]!
  let offset = match[3]
  // A date's own dashes are no offset.
  if (offset?.startsWith('-') && !body.includes(':')) {
    const whole = parseDatetime(text)
    if (whole !== null) return civilToInstant(whole, zone)
  }
  if (/^\d{4}-\d{1,2}$/.test(body) && offset) {
    body += offset
    offset = undefined
  }
  const civil = parseDatetime(body)
  if (civil === null) return null
  if (match[2]) return civil
  if (offset) {
    const shift = offsetMicros(offset)
    return shift === null ? null : civil - shift
  }
  return civilToInstant(civil, match[4] ?? zone)
}

function offsetMicros(text: string): bigint | null {
  const match = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(text)
  if (!match) return null
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)]
  if (hours > 14 || minutes > 59) return null
  return BigInt((hours * 60 + minutes) * (match[1] === '-' ? -1 : 1)) * 60_000_000n
}

const formats = new Map<string, Intl.DateTimeFormat | null>()

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone)
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-CA-u-hc-h23', {
        timeZone: zone,
        era: 'short',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      })
    } catch {
      format = null
    }
    formats.set(zone, format)
  }
  return format
}

export function isZone(zone: string): boolean {
  return zone === 'UTC' || offsetMicros(zone) !== null || (/^[A-Za-z]/.test(zone) && formatOf(zone) !== null)
}

/** Offset from UTC of a zone at an instant, in microseconds; null for an unknown zone. */
export function zoneOffset(instant: bigint, zone: string): bigint | null {
  if (zone === 'UTC' || zone === 'Z') return 0n
  const fixed = offsetMicros(zone)
  if (fixed !== null) return fixed
  const format = formatOf(zone)
  if (!format) return null
  const millis = Number(floorDivide(instant, 1000n))
  const part: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(millis)) part[type] = value
  const days = daysFrom(Number(part['year']), Number(part['month']), Number(part['day'])) ?? 0
  const seconds =
    days * 86_400 + Number(part['hour']) * 3600 + Number(part['minute']) * 60 + Number(part['second'])
  return BigInt(seconds - Math.floor(millis / 1000)) * 1_000_000n
}

/** A gap takes the offset before it, an overlap the earlier instant. */
export function civilToInstant(civil: bigint, zone: string): bigint | null {
  const before = zoneOffset(civil - DAY, zone)
  if (before === null) return null
  const first = civil - before
  if (zoneOffset(first, zone) === before) return first
  const after = zoneOffset(civil + DAY, zone)!
  return zoneOffset(civil - after, zone) === after ? civil - after : first
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}
