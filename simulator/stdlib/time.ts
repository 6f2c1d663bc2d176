import { valueError } from '../engine/errors.ts'
import { optional, param, plain } from './function.ts'

/** https://cloud.google.com/workflows/docs/reference/stdlib/time/format */
export const time = {
  'time.format': plain(
    [param('seconds', 'integer', 'double'), optional(param('timezone', 'string'), 'UTC')],
    ([seconds, timezone]) => formatTime(Number(seconds), timezone),
  ),
  'time.parse': plain([param('value', 'string')], ([value]) => parseTime('time.parse', value)),
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** Seconds since the epoch, to the microsecond, from an RFC 3339 text; raises ValueError. */
function parseTime(name: string, text: string): number {
  const [, day = '', time = '', fraction = '0', zone = ''] = RFC3339.exec(text) ?? []
  const whole = Date.parse(`${day}T${time}${zone.toUpperCase()}`) / 1000
  // The platform rolls 30 February over into March.
  const isDay = !Number.isNaN(whole) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
  if (!isDay) throw valueError(`${name}: '${text}' is not an RFC 3339 time`)
  return whole + Math.round(Number(fraction) * 1e6) / 1e6
}

const ISO8601 =
  /^(\d{4}-?\d{2}-?\d{2})(?:[Tt ]([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d)([.,]\d+)?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Seconds since the epoch from a date or a time of ISO 8601, in UTC unless it says otherwise; raises ValueError. */
export function parseMoment(name: string, text: string): number {
  const [, day, hours = '00', minutes = '00', seconds = '00', fraction = '', zone = 'Z'] =
    ISO8601.exec(text) ?? []
  if (day === undefined) throw valueError(`${name}: '${text}' is not an ISO 8601 time`)
  const date = day.replaceAll('-', '').replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')
  const offset = zone.length === 1 ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  return parseTime(name, `${date}T${hours}:${minutes}:${seconds}${fraction.replace(',', '.')}${offset}`)
}

/** Always six digits of fraction; the zone's offset at that time, `Z` for none. An empty zone is UTC. */
function formatTime(seconds: number, timezone: string): string {
  const whole = Math.floor(seconds)
  const micros = Math.round((seconds - whole) * 1e6)
  const second = micros === 1_000_000 ? whole + 1 : whole
  const date = new Date(second * 1000)
  if (Number.isNaN(date.getTime())) throw valueError(`time.format: ${seconds} is out of range`)
  const offset = offsetSeconds(date, timezone === '' ? 'UTC' : timezone)
  const local = new Date(date.getTime() + offset * 1000).toISOString().replace(/\.\d+Z$/, '')
  // ISO 8601 has years of four digits; the platform goes beyond, with a sign.
  if (!/^\d{4}-/.test(local)) throw valueError(`time.format: ${seconds} is out of range`)
  const fraction = String(micros % 1_000_000).padStart(6, '0')
  return `${local}.${fraction}${offset === 0 ? 'Z' : offsetText(offset)}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

function offsetSeconds(date: Date, timezone: string): number {
  let format = formats.get(timezone)
  if (format === undefined) {
    // The platform also takes offsets, which are no names of the database.
    if (!/^[A-Za-z]/.test(timezone)) throw valueError(`time.format: unknown time zone '${timezone}'`)
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' })
    } catch {
      throw valueError(`time.format: unknown time zone '${timezone}'`)
    }
    formats.set(timezone, format)
  }
  const name = format.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const match = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(name)
  if (match === null) return 0
  const [, sign, hours, minutes, seconds = 0] = match
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds))
}

function offsetText(seconds: number): string {
  const size = Math.floor(Math.abs(seconds) / 60)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
