import { Cron } from 'croner'
import type { Known } from '../artifact/known.ts'
import type { Manifest } from '../artifact/manifest.ts'
import { UserError } from './user-error.ts'

/** Argument of a run's execution; docs/architecture.md, "Run argument". */
export interface RunArgument {
  readonly run_id: string
  readonly trigger: RunTrigger
  /** RFC 3339 with the offset of the DAG's time zone. */
  readonly logical_date: string
  readonly interval_start: string
  readonly interval_end: string
  readonly params: Readonly<Record<string, unknown>>
  /**
   * How tasks ended in an earlier execution of the run, by `<task>/<map index>`: they do not run again. Of those that
   * succeeded or skipped by themselves the ledger has the result; `cancelled` stands for what nobody runs any more.
   */
  readonly known?: Known['known']
  /** The same of the instances of mapped tasks, together. */
  readonly instances?: NonNullable<Known['instances']>
  /** Why a run is executed once more. @default absent at its first execution */
  readonly mode?: RunMode
}

/** `teardown` only cleans up behind a run that was cancelled. */
export type RunMode = 'rerun' | 'teardown'
/** `triggered`: by a task of another DAG. */
export type RunTrigger = 'scheduled' | 'manual' | 'backfill' | 'triggered'

export interface RunPlanOptions {
  readonly manifest: Pick<Manifest, 'dag' | 'schedule'>
  /** Milliseconds since the epoch. */
  readonly nowMs: number
  /** `2025-02-01` for the first tick of that day in the DAG's time zone, or a tick as RFC 3339. @default the last complete interval */
  readonly date?: string
  /** @default {} */
  readonly params?: Readonly<Record<string, unknown>>
  /** @default 'manual' */
  readonly trigger?: RunTrigger
}

/**
 * The logical date and data interval of a run, by the meaning of Airflow's cron intervals: the logical date is the
 * start of the interval, ticks of the schedule bound it. A DAG without a schedule has empty intervals, in UTC.
 *
 * @throws UserError for a date that is no tick of the schedule, or lies in the future
 */
export function planRun(options: RunPlanOptions): RunArgument {
  const { manifest, params = {}, trigger = 'manual' } = options
  const { start, end } = manifest.schedule
    ? scheduledInterval(new Calendar(manifest.schedule), options)
    : freeInterval(options)
  const zone = manifest.schedule?.timeZone ?? 'UTC'
  const logical = zonedText(start, zone)
  return {
    run_id: `${trigger}__${labelTime(start)}`,
    trigger,
    logical_date: logical,
    interval_start: logical,
    interval_end: zonedText(end, zone),
    params,
  }
}

interface Interval {
  readonly start: number
  readonly end: number
}

/** Ticks of a unix-cron schedule in its time zone. */
class Calendar {
  readonly text: string
  readonly #cron: Cron
  readonly #zone: string

  constructor({ cron, timeZone }: { readonly cron: string; readonly timeZone: string }) {
    this.text = `${cron} in ${timeZone}`
    this.#zone = timeZone
    this.#cron = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true })
  }

  /** The first tick after a moment; a text is local time in the zone. */
  next(after: number | string): number | null {
    return this.#cron.nextRun(typeof after === 'number' ? new Date(after) : after)?.getTime() ?? null
  }

  /** The tick at a moment or the last one before it. */
  atOrBefore(moment: number): number | null {
    const second = Math.floor(moment / 1000) * 1000
    const [tick] = this.#cron.previousRuns(1, new Date(second + 1000))
    return tick?.getTime() ?? null
  }

  show(moment: number): string {
    return zonedText(moment, this.#zone)
  }
}

function scheduledInterval(calendar: Calendar, options: RunPlanOptions): Interval {
  const { date, nowMs } = options
  const start = date === undefined ? lastComplete(calendar, nowMs) : tickAt(calendar, date, options)
  const end = start === null ? null : calendar.next(start)
  if (start === null || end === null) {
    throw new UserError('DAG601', 'the schedule has no complete interval yet', {
      place: calendar.text,
      hint: 'check its day and month',
    })
  }
  refuseFuture(start, options, calendar.show(start))
  return { start, end }
}

function lastComplete(calendar: Calendar, nowMs: number): number | null {
  const end = calendar.atOrBefore(nowMs)
  return end === null ? null : calendar.atOrBefore(end - 1000)
}

function tickAt(calendar: Calendar, date: string, { manifest }: RunPlanOptions): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date)
  const wanted = day ? calendarDay(date) : momentOf(date)
  const tick = day ? calendar.next(`${wanted.before}T23:59:59`) : calendar.next(wanted.moment - 1000)
  const fits = tick !== null && (day ? calendar.show(tick).startsWith(date) : tick === wanted.moment)
  if (fits) return tick
  const next = tick === null ? '' : `; the next one is ${calendar.show(tick)}`
  throw new UserError('DAG601', `${date} is no logical date of DAG ${manifest.dag}${next}`, {
    place: `schedule ${calendar.text}`,
    hint: 'give a day on which it ticks, or a tick itself as RFC 3339',
  })
}

interface Wanted {
  readonly moment: number
  /** The day before, `YYYY-MM-DD`. */
  readonly before: string
}

function calendarDay(date: string): Wanted {
  const moment = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(moment) || new Date(moment).toISOString().slice(0, 10) !== date) refuseText(date)
  return { moment, before: new Date(moment - 86_400_000).toISOString().slice(0, 10) }
}

function momentOf(date: string): Wanted {
  const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/
  const moment = rfc3339.test(date) ? Date.parse(date.toUpperCase()) : Number.NaN
  if (Number.isNaN(moment)) refuseText(date)
  return { moment, before: '' }
}

function freeInterval(options: RunPlanOptions): Interval {
  const { date, nowMs } = options
  const day = date !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(date)
  const moment = date === undefined ? nowMs : (day ? calendarDay(date) : momentOf(date)).moment
  const start = Math.floor(moment / 1000) * 1000
  refuseFuture(start, options, zonedText(start, 'UTC'))
  return { start, end: start }
}

function refuseFuture(start: number, { manifest, nowMs }: RunPlanOptions, text: string): void {
  if (start <= nowMs) return
  throw new UserError('DAG601', `logical date ${text} of DAG ${manifest.dag} lies in the future`, {
    place: '--date',
    hint: 'a run covers data that exists: give a past date',
  })
}

function refuseText(date: string): never {
  throw new UserError('DAG601', `"${date}" is no date`, {
    place: '--date',
    hint: 'write 2025-02-01, or RFC 3339 such as 2025-02-01T06:00:00-03:00',
  })
}

/** `2026-03-09t09-00-00z`: UTC in the characters that labels take. */
function labelTime(moment: number): string {
  return new Date(moment).toISOString().slice(0, 19).toLowerCase().replaceAll(':', '-').concat('z')
}

/** RFC 3339 to the second, with the zone's offset at that moment. */
function zonedText(moment: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(moment)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? ''
  const year = part('year').padStart(4, '0')
  const local = `${year}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`
  return `${local}${offsetText(Date.parse(`${local}Z`) - Math.floor(moment / 1000) * 1000)}`
}

function offsetText(milliseconds: number): string {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${milliseconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
