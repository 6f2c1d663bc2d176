import { cronSets, type CronSets } from '../../dsl/cron-fields.ts'
import type { Schedule } from '../../dsl/index.ts'
import {
  assign,
  expr,
  forEach,
  goto,
  int,
  loopIn,
  returns,
  step,
  subworkflow,
  switchOn,
  when,
  type Step,
  type Subworkflow,
  type SwitchCondition,
} from './language.ts'
import { quoted } from './value.ts'

/**
 * The calendar of a schedule: `last_tick(t)` is the last tick at or before a moment, in whole minutes.
 *
 * It walks back on the clock on the wall, month by month, day by day, then to the last hour and minute that fit. Each
 * stride is checked: where the clock does not show what it should, daylight saving changed in between, and the walk
 * goes on from the last minute before the change, which halving finds. So a time that the clock shows twice ticks
 * twice, and one that it leaves out not at all, as Cloud Scheduler runs on what the clock shows. A fixed time of day
 * ticks once a day: the first time that it is shown, or the moment after the gap.
 *
 * https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 */
export function lastTick({ cron, timeZone }: Schedule): readonly Subworkflow[] {
  const sets = cronSets(cron)
  const zoned = !isUtc(timeZone)
  const goBack = zoned ? walkBack(sets.fixedTime) : [step('go_back', readAgain('back'))]
  const routine = subworkflow(
    'last_tick',
    ['t'],
    [
      step(
        'read_clock',
        assign([
          ['local', expr(zoned ? 'local_time(t)' : 't')],
          ['date', expr('time.format(local)')],
          ['back', expr('local // 86400 * 86400 - 60')],
        ]),
      ),
      ...checkDay(sets),
      findTime(sets),
      step('found', switchOn(found(zoned && sets.fixedTime))),
      ...goBack,
    ],
    `The last tick of "${cron}" in ${timeZone} at or before t, a whole minute.`,
  )
  return [routine, ...(zoned ? [localTime(timeZone)] : []), ...(needsLatest(sets) ? [latest] : [])]
}

/** Zones that never change their clocks. */
export function isUtc(timeZone: string): boolean {
  return /^(Etc\/)?(UTC|UCT|GMT|Greenwich|Universal|Zulu|GMT[+-]?0)$/i.test(timeZone)
}

/** What the clock shows, counted as though it were UTC. */
function localTime(timeZone: string): Subworkflow {
  const shown = `text.substring(time.format(t, ${quoted(timeZone)}), 0, 19)`
  return subworkflow(
    'local_time',
    ['t'],
    [step('shown', returns(expr(`int(time.parse(${shown} + "Z"))`)))],
    'What the clock shows at t, in seconds as though it were UTC.',
  )
}

/** Days that do not fit are left for the last minute of the day before, or of the month before. */
function checkDay({ months, days, weekdays }: CronSets): readonly Step[] {
  const conditions: SwitchCondition[] = []
  if (months.length < 12) {
    const first = 'text.substring(date, 0, 7) + "-01T00:00:00Z"'
    const body = assign({ back: expr(`int(time.parse(${first})) - 60`) }, { next: 'go_back' })
    conditions.push(when(notOneOf('text.substring(date, 5, 7)', months, 12, digits), body))
  }
  // Day 0 of the epoch was a Thursday.
  const day = days && notOneOf('text.substring(date, 8, 10)', days, 31, digits)
  const weekday = weekdays && notOneOf('(local // 86400 + 4) % 7', weekdays, 7, String)
  const neither = [day, weekday].filter((test) => test !== null)
  if (neither.length > 0) conditions.push(when(neither.join(' and '), goto('go_back')))
  return conditions.length === 0 ? [] : [step('check_day', switchOn(conditions))]
}

/** `back` becomes the last time that fits, or the end of the hour before where the hour of `local` has none. */
function findTime({ hours, minutes }: CronSets): Step {
  const limit = 'if(hour == local % 86400 // 3600, local % 3600 // 60, 59)'
  return step(
    'find_time',
    assign([
      ['hour', expr(latestOf(hours, 24, 'local % 86400 // 3600'))],
      ['minute', expr(latestOf(minutes, 60, limit))],
      ['back', expr('local // 86400 * 86400 + hour * 3600 + minute * 60')],
    ]),
  )
}

function latestOf(values: readonly number[], of: number, limit: string): string {
  const [value = 0] = values
  if (values.length === of) return limit
  if (values.length > 1) return `latest([${values.toReversed().join(', ')}], ${limit})`
  return value === 0 ? '0' : `if(${value} <= ${limit}, ${value}, -1)`
}

/** A list of which neither one nor all values fit. */
function needsLatest({ hours, minutes }: CronSets): boolean {
  const isSome = (values: readonly number[], of: number) => values.length > 1 && values.length < of
  return isSome(hours, 24) || isSome(minutes, 60)
}

/** Without a value that fits, -1 leads to the hour or the day before. */
const latest: Subworkflow = subworkflow(
  'latest',
  ['values', 'limit'],
  [
    step(
      'look',
      forEach(
        loopIn('value', expr('values'), [
          step('fits', switchOn([when('value <= limit', returns(expr('value')))])),
        ]),
      ),
    ),
    step('none', returns(int(-1))),
  ],
  'The first of descending values that does not pass the limit.',
)

/** Of two moments at which the clock shows a fixed time, the first one counts. Clocks are set by three hours at most. */
function found(once: boolean): readonly SwitchCondition[] {
  if (!once) return [when('back == local', returns(expr('t')))]
  const earlier = 't - 10800 + local - local_time(t - 10800)'
  return [
    when(`back == local and local_time(${earlier}) == local`, returns(expr(earlier))),
    when('back == local', returns(expr('t'))),
  ]
}

/** Goes to the moment at which the clock shows `back`, or to the one before the clock was changed. */
function walkBack(once: boolean): readonly Step[] {
  const gap = [
    'back > local_time(low)',
    'back < local_time(high)',
    'back // 86400 == local_time(high) // 86400',
  ].join(' and ')
  return [
    step('go_back', assign({ low: expr('t - local + back'), high: expr('t') })),
    step('check_clock', switchOn([when('local_time(low) == back', readAgain('low'))])),
    ...narrowDown({ high: 'high', flag: 'changed', test: 'local_time(middle) - middle != local - t' }),
    ...(once ? [step('check_gap', switchOn([when(gap, returns(expr('high')))]))] : []),
    step('before_change', readAgain('low')),
  ]
}

interface Search {
  /** Variable of the upper end; the lower one is `low`. */
  readonly high: string
  readonly flag: string
  /** True of `middle` as long as it lies below what is looked for. */
  readonly test: string
}

/** Halves what lies between `low` and `high` until a minute is left. */
export function narrowDown({ high, flag, test }: Search): readonly Step[] {
  return [
    step(
      'halve',
      assign([
        ['middle', expr(`(low + ${high}) // 120 * 60`)],
        [flag, expr(test)],
        ['low', expr(`if(${flag}, middle, low)`)],
        [high, expr(`if(${flag}, ${high}, middle)`)],
      ]),
    ),
    step('narrow', switchOn([when(`${high} - low > 60`, goto('halve'))])),
  ]
}

function readAgain(moment: string) {
  return assign({ t: expr(moment) }, { next: 'read_clock' })
}

/** Named by what is fewer: the values that fit, or those that do not. */
function notOneOf(
  value: string,
  fitting: readonly number[],
  of: number,
  text: (value: number) => string,
): string {
  if (fitting.length * 2 <= of) return `not(${value} in [${fitting.map(text).join(', ')}])`
  const first = of === 7 ? 0 : 1
  const others = Array.from({ length: of }, (_, index) => index + first).filter(
    (each) => !fitting.includes(each),
  )
  return others.length === 0 ? 'false' : `${value} in [${others.map(text).join(', ')}]`
}

function digits(value: number): string {
  return quoted(String(value).padStart(2, '0'))
}
