import { DagError } from './errors/dag-error.ts'
import { callerOf, type Location } from './location.ts'

/** When a DAG runs: every tick of a cron expression ends one data interval and starts the next. */
export interface Schedule {
  readonly kind: 'schedule'
  readonly cron: string
  /** IANA name, e.g. `America/Sao_Paulo`. */
  readonly timeZone: string
}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of week', min: 0, max: 7, names: days },
]

/**
 * A unix-cron schedule in a time zone: five fields with numbers, names, ranges, lists and steps, as Cloud Scheduler
 * takes them. https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 *
 * @throws DagError on an expression or a time zone that Cloud Scheduler would refuse
 * @example
 * cron('0 6 * * *', 'America/Sao_Paulo') // every day at 06:00 there
 */
export function cron(expression: string, timeZone: string): Schedule {
  const at = callerOf(cron)
  const text = expression.trim().replaceAll(/\s+/g, ' ')
  checkExpression(text, at)
  checkTimeZone(timeZone, at)
  return Object.freeze({ kind: 'schedule', cron: text, timeZone })
}

function checkExpression(text: string, at: Location | null): void {
  const refuse = (what: string, hint: string): never => {
    throw new DagError('DAG106', `cron expression "${text}" ${what}`, { at, hint })
  }
  if (text.startsWith('@')) refuse('is a nickname', 'write its five fields, e.g. "0 0 * * *" for @daily')
  const parts = text.split(' ')
  if (parts.length !== fields.length) {
    refuse(`has ${parts.length} fields`, 'five are needed: minute, hour, day of month, month, day of week')
  }
  fields.forEach((field, index) => {
    const problem = fieldProblem(parts[index] ?? '', field)
    if (problem !== null) refuse(`has ${problem} as ${field.name}`, fieldHint(field))
  })
}

function fieldProblem(text: string, field: Field): string | null {
  for (const item of text.split(',')) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/([0-9]+))?$/i.exec(item)
    const [, from = '', to, step] = match ?? []
    const start = from === '*' ? field.min : numberOf(from, field)
    const end = to === undefined ? field.max : numberOf(to, field)
    const open = from === '*' && to !== undefined
    const badStep = step !== undefined && (Number(step) < 1 || (from !== '*' && to === undefined))
    if (!match || start === null || end === null || start > end || open || badStep) return `"${item}"`
  }
  return null
}

function numberOf(text: string, field: Field): number | null {
  const named = field.names.indexOf(text.toLowerCase())
  if (named >= 0) return named + field.min
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return number >= field.min && number <= field.max ? number : null
}

function fieldHint(field: Field): string {
  const names = field.names.length > 0 ? ` or ${field.names[0]}-${field.names.at(-1)}` : ''
  return `numbers ${field.min}-${field.max}${names}, ranges a-b, lists a,b and steps */n or a-b/n; no L, #, W or ?`
}

function checkTimeZone(timeZone: string, at: Location | null): void {
  const hint = 'use an IANA name such as America/Sao_Paulo or Etc/UTC'
  const refuse = () => {
    throw new DagError('DAG107', `time zone ${JSON.stringify(timeZone)} is not known`, { at, hint })
  }
  // Offsets such as +03:00 pass Intl, but Cloud Scheduler takes names of the tz database only.
  if (typeof timeZone !== 'string' || /^[+-]/.test(timeZone)) return refuse()
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch {
    refuse()
  }
}
