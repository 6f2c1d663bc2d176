/** A field of a unix-cron expression: what it counts, and the names that its numbers have. */
export interface CronField {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const daysOfWeek: CronField = { name: 'day of week', min: 0, max: 7, names: days }

/** The five fields in their order; Sunday is 0 and 7. */
export const cronFields: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: months },
  daysOfWeek,
]

/** The first item of a field's list that unix-cron does not know; null where there is none. */
export function unknownItem(text: string, field: CronField): string | null {
  return text.split(',').find((item) => valuesOfItem(item, field) === null) ?? null
}

/** What a cron expression selects, every list ascending. */
export interface CronSets {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly months: readonly number[]
  /** Null for `*`. Where both kinds of days are restricted, a day that fits one of them is selected. */
  readonly days: readonly number[] | null
  /** 0 for Sunday to 6; null for `*`. */
  readonly weekdays: readonly number[] | null
  /**
   * One minute of one hour, written as such. Daylight saving never makes such a schedule tick twice a day or not at
   * all; others tick whenever the clock on the wall shows one of their times.
   */
  readonly fixedTime: boolean
}

/** Reads an expression of five fields. Throws RangeError where it is not unix-cron. */
export function cronSets(cron: string): CronSets {
  const parts = cron.split(' ')
  const values = cronFields.map((field, index) => valuesOf(parts[index] ?? '', field))
  const [minutes = [], hours = [], daysOfMonth = [], monthsOfYear = [], weekdays = []] = values
  return {
    minutes,
    hours,
    months: monthsOfYear,
    days: parts[2] === '*' ? null : daysOfMonth,
    weekdays: parts[4] === '*' ? null : ascending(weekdays.map((day) => day % 7)),
    fixedTime:
      [parts[0], parts[1]].every((part) => !/[*/]/.test(part ?? '')) && minutes.length * hours.length === 1,
  }
}

/** False for days that no calendar has, such as 30 February. */
export function everTicks({ days: wanted, weekdays, months: chosen }: CronSets): boolean {
  if (wanted === null || weekdays !== null) return true
  const longest = Math.max(...chosen.map((month) => new Date(Date.UTC(2024, month, 0)).getUTCDate()))
  return Math.min(...wanted) <= longest
}

/** Days from a tick to the next one, at most. */
export function longestGapDays(sets: CronSets): number {
  let longest = 1
  let last = 0
  // With 2096 to 2104, the longest time between leap years.
  for (let day = 1; day <= 20 * 366; day++) {
    if (!fitsDay(new Date(Date.UTC(2090, 0, day)), sets)) continue
    // From the first time of one day to the last of the next, and an hour of daylight saving.
    if (last > 0) longest = Math.max(longest, day - last + 1)
    last = day
  }
  return longest
}

/** Ticks of a year, on average over 28 of them: by then weekdays and leap years are where they began. */
export function ticksPerYear(sets: CronSets): number {
  let days = 0
  for (let day = 1; day <= 28 * 365 + 7; day++) {
    if (fitsDay(new Date(Date.UTC(2000, 0, day)), sets)) days += 1
  }
  return (days / 28) * sets.hours.length * sets.minutes.length
}

function fitsDay(date: Date, { months: chosen, days: wanted, weekdays }: CronSets): boolean {
  if (!chosen.includes(date.getUTCMonth() + 1)) return false
  const ofMonth = wanted?.includes(date.getUTCDate()) ?? null
  const ofWeek = weekdays?.includes(date.getUTCDay()) ?? null
  return ofMonth === null || ofWeek === null ? (ofMonth ?? ofWeek ?? true) : ofMonth || ofWeek
}

function valuesOf(text: string, field: CronField): readonly number[] {
  return ascending(
    text.split(',').flatMap((item) => {
      const values = valuesOfItem(item, field)
      if (values === null) throw new RangeError(`"${item}" is no ${field.name}`)
      return values
    }),
  )
}

function valuesOfItem(item: string, field: CronField): readonly number[] | null {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/([0-9]+))?$/i.exec(item)
  const [, from = '', to, step] = match ?? []
  const start = from === '*' ? field.min : numberOf(from, field)
  const single = from !== '*' && to === undefined
  const end = from === '*' ? field.max : to === undefined ? start : numberOf(to, field)
  const open = from === '*' && to !== undefined
  // A step beyond what the field counts is a slip, and croner refuses it.
  const most = Math.min(field.max - field.min + 1, field === daysOfWeek ? 7 : 60)
  const badStep = step !== undefined && (Number(step) < 1 || Number(step) > most || single)
  if (!match || start === null || end === null || start > end || open || badStep) return null
  const every = Number(step ?? 1)
  return Array.from({ length: Math.floor((end - start) / every) + 1 }, (_, index) => start + index * every)
}

function numberOf(text: string, field: CronField): number | null {
  const named = field.names.indexOf(text.toLowerCase())
  if (named >= 0) return named + field.min
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return number >= field.min && number <= field.max ? number : null
}

function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].toSorted((a, b) => a - b)
}
