import { cronFields, cronSets, everTicks, unknownItem, type CronField } from './cron-fields.ts'
import { DagError } from './errors/dag-error.ts'
import { callerOf, type Location } from './location.ts'

/** When a DAG runs: every tick of a cron expression ends one data interval and starts the next. */
export interface Schedule {
  readonly kind: 'schedule'
  readonly cron: string
  /** IANA name, e.g. `America/Sao_Paulo`. */
  readonly timeZone: string
}

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
  if (parts.length !== cronFields.length) {
    refuse(`has ${parts.length} fields`, 'five are needed: minute, hour, day of month, month, day of week')
  }
  cronFields.forEach((field, index) => {
    const item = unknownItem(parts[index] ?? '', field)
    if (item !== null) refuse(`has "${item}" as ${field.name}`, fieldHint(field))
  })
  if (!everTicks(cronSets(text))) {
    refuse('never ticks', 'none of its months has such a day: choose another day of month')
  }
}

function fieldHint(field: CronField): string {
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
