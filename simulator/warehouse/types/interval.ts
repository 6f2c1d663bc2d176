/** An INTERVAL: three parts with signs of their own, as DuckDB keeps it too. */
export interface Interval {
  readonly months: number
  readonly days: number
  readonly micros: bigint
}

const parts = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'] as const
type PartName = (typeof parts)[number]

const HOUR = 3_600_000_000n
const MINUTE = 60_000_000n
const SECOND = 1_000_000n

/** Text patterns of the parts from one to another, as in `'1-2 3 4:5:6.7'`. */
function patternOf(from: number, to: number): RegExp | null {
  const piece = (part: PartName): string =>
    part === 'SECOND' ? String.raw`(\d+(?:\.\d{1,6})?)` : String.raw`(\d+)`
  const groups: readonly (readonly PartName[])[] = [['YEAR', 'MONTH'], ['DAY'], ['HOUR', 'MINUTE', 'SECOND']]
  const texts = groups.flatMap((group, i) => {
    const wanted = group.filter((part) => parts.indexOf(part) >= from && parts.indexOf(part) <= to)
    if (wanted.length === 0) return []
    return [`([+-]?)${wanted.map(piece).join(i === 0 ? '-' : ':')}`]
  })
  return texts.length === 0 ? null : new RegExp(`^${texts.join(' +')}$`)
}

/** `'1-2 3' YEAR TO DAY`; null if the text does not fit. */
export function parseInterval(text: string, fromName: string, toName: string): Interval | null {
  const [from, to] = [parts.indexOf(fromName as PartName), parts.indexOf(toName as PartName)]
  if (from < 0 || to < from) return null
  const match = patternOf(from, to)?.exec(text.trim())
  if (!match) return null
  let [months, days, micros] = [0, 0, 0n]
  let sign = 1
  let at = 1
  for (const [i, part] of parts.entries()) {
    if (i < from || i > to) continue
    const starts = i === from || part === 'DAY' || part === 'HOUR'
    if (starts) sign = match[at++] === '-' ? -1 : 1
    const value = match[at++]!
    if (part === 'YEAR') months += sign * Number(value) * 12
    else if (part === 'MONTH') months += sign * Number(value)
    else if (part === 'DAY') days += sign * Number(value)
    else if (part === 'HOUR') micros += BigInt(sign) * BigInt(value) * HOUR
    else if (part === 'MINUTE') micros += BigInt(sign) * BigInt(value) * MINUTE
    else {
      const [whole = '0', fraction = ''] = value.split('.')
      micros += BigInt(sign) * (BigInt(whole) * SECOND + BigInt(fraction.padEnd(6, '0')))
    }
  }
  return { months, days, micros }
}

/** CAST of text: the canonical form, or a part of it that says which parts it means. */
export function intervalOfText(text: string): Interval | null {
  for (const [from, to] of [
    ['YEAR', 'SECOND'],
    ['YEAR', 'DAY'],
    ['YEAR', 'MONTH'],
    ['DAY', 'SECOND'],
    ['HOUR', 'SECOND'],
  ] as const) {
    const value = parseInterval(text, from, to)
    if (value) return value
  }
  return null
}

/** `Y-M D H:M:S[.F]` */
export function intervalText({ months, days, micros }: Interval): string {
  const size = micros < 0n ? -micros : micros
  const fraction = (size % SECOND).toString().padStart(6, '0')
  const shown = size % SECOND === 0n ? '' : `.${fraction.endsWith('000') ? fraction.slice(0, 3) : fraction}`
  const month = Math.abs(months)
  return `${months < 0 ? '-' : ''}${Math.floor(month / 12)}-${month % 12} ${days} ${micros < 0n ? '-' : ''}${size / HOUR}:${(size / MINUTE) % 60n}:${(size / SECOND) % 60n}${shown}`
}

/** A part of an interval, cut towards zero. */
export function intervalPart(value: Interval, part: string): bigint | null {
  const { months, days, micros } = value
  switch (part) {
    case 'YEAR':
      return BigInt(Math.trunc(months / 12))
    case 'MONTH':
      return BigInt(months % 12)
    case 'DAY':
      return BigInt(days)
    case 'HOUR':
      return micros / HOUR
    case 'MINUTE':
      return (micros / MINUTE) % 60n
    case 'SECOND':
      return (micros / SECOND) % 60n
    case 'MILLISECOND':
      return (micros / 1000n) % 1000n
    case 'MICROSECOND':
      return micros % SECOND
    default:
      return null
  }
}

const DAY = 24n * HOUR

export function justifyHours({ months, days, micros }: Interval): Interval {
  let d = days + Number(micros / DAY)
  let rest = micros % DAY
  const step = d > 0 && rest < 0n ? 1 : d < 0 && rest > 0n ? -1 : 0
  d -= step
  rest += BigInt(step) * DAY
  return { months, days: d, micros: rest }
}

export function justifyDays({ months, days, micros }: Interval): Interval {
  let m = months + Math.trunc(days / 30)
  let rest = days % 30
  const step = m > 0 && rest < 0 ? 1 : m < 0 && rest > 0 ? -1 : 0
  m -= step
  rest += step * 30
  return { months: m, days: rest, micros }
}

/** Whole months and days, with one sign throughout. */
export function justifyInterval(value: Interval): Interval {
  const total = BigInt(value.months) * 30n * DAY + BigInt(value.days) * DAY + value.micros
  const days = total / DAY
  return { months: Number(days / 30n), days: Number(days % 30n), micros: total % DAY }
}

/** An interval divided; what does not divide evenly moves on to the smaller part. */
export function divideInterval(value: Interval, by: bigint): Interval {
  const months = BigInt(value.months) / by
  const days = BigInt(value.days) + (BigInt(value.months) % by) * 30n
  const micros = value.micros + (days % by) * DAY
  return { months: Number(months), days: Number(days / by), micros: micros / by }
}
