import { Cron } from 'croner'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { planRun } from '../../deploy/run-plan.ts'
import { cron, type Schedule } from '../../dsl/index.ts'
import { resolverOf, walkerOf, type Resolver } from './resolver.ts'

/** `CALENDAR=all` looks at every tick of ten years, and at every fifth minute around changes of clocks; it takes minutes. */
const all = process.env['CALENDAR'] === 'all'
const time = all ? 3_600_000 : 30_000
const minute = 60_000
const day = 86_400_000
const years = { from: Date.parse('2020-01-01T00:00:00Z'), to: Date.parse('2030-01-01T00:00:00Z') }

/** With daylight saving in the north, half an hour beside the full one, and daylight saving in the south. */
const zones = ['Europe/Berlin', 'Asia/Kolkata', 'America/Santiago']
const crons = ['0 6 * * *', '30 2 * * sun', '0 0 1 * *', '*/15 * * * *']

/** Quarters of an hour, changes by half an hour, a month without daylight saving, and the usual ones. */
const otherZones = [
  'Etc/UTC',
  'Pacific/Chatham',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'America/St_Johns',
]

/** Clocks that change by half an hour, at midnight, over midnight, by a whole day, for a month, by two hours. */
const odd: readonly (readonly [string, string, string])[] = [
  ['15 2 * * *', 'Australia/Lord_Howe', '2024-04-06'],
  ['*/10 * * * *', 'Australia/Lord_Howe', '2024-10-05'],
  ['0 0 * * *', 'America/Santiago', '2024-09-08'],
  ['30 0 * * sun', 'America/Havana', '2024-03-10'],
  ['45 23,0 * * *', 'Asia/Beirut', '2024-03-30'],
  ['*/30 23 * * sat', 'Asia/Beirut', '2023-10-28'],
  ['0 6 * * *', 'Pacific/Apia', '2011-12-30'],
  ['0 12 30 12 *', 'Pacific/Apia', '2011-12-30'],
  ['30 2 * * *', 'Africa/Casablanca', '2025-02-23'],
  ['30 1 * * *', 'Antarctica/Troll', '2024-10-27'],
  ['1 0 * * *', 'America/St_Johns', '2010-11-07'],
  ['*/20 * * * *', 'America/St_Johns', '2010-11-07'],
  ['0 9 1,15 * mon-fri', 'America/New_York', '2024-11-03'],
  ['30 2 27 10 *', 'Europe/Berlin', '2024-10-27'],
  ['30 2 31 10 *', 'Europe/Berlin', '2021-10-31'],
  ['30 1,2 31 3 *', 'Europe/Berlin', '2024-03-31'],
]

describe('the last complete interval, against croner', () => {
  const pairs = zones.flatMap((zone) => crons.map((expression) => [expression, zone] as const))

  it.each(pairs)('%s in %s, ten years', { timeout: time }, async (expression, zone) => {
    const schedule = cron(expression, zone)
    const resolver = resolverOf(schedule)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: years.from, max: years.to }), async (moment) => {
        const [end = 0] = ticksBefore(schedule, moment)
        for (const now of [moment, end, end - 1]) await expectInterval(resolver, schedule, now)
      }),
      { numRuns: all ? 300 : 4 },
    )
  })

  it.each(pairs)('every tick of %s in %s', { timeout: time }, async (expression, zone) => {
    const schedule = cron(expression, zone)
    const job = cronerOf(schedule)
    const walk = walkerOf(schedule)
    const sample = Date.parse('2026-10-20T00:00:00Z')
    const from = all ? years.from : sample
    const to = all ? years.to : sample + (expression.startsWith('*') ? 8 : 300) * day
    const ticks: number[] = []
    // Forwards, in chunks that one execution can walk backwards.
    let tick = job.nextRun(new Date(from))
    for (; tick !== null && tick.getTime() < to; tick = job.nextRun(tick)) {
      ticks.push(tick.getTime() / 1000)
      if (ticks.length < 1000) continue
      expect(await walk((ticks.at(-1) ?? 0) + 60, ticks.length)).toEqual(ticks.toReversed())
      ticks.splice(0, ticks.length - 1)
    }
    expect(ticks.length).toBeGreaterThan(0)
    expect(await walk((ticks.at(-1) ?? 0) + 60, ticks.length)).toEqual(ticks.toReversed())
  })

  it.each(['Europe/Berlin', 'America/Santiago'])(
    'around changes of clocks in %s',
    { timeout: time },
    async (zone) => {
      const changes = changesOf(zone).slice(all ? 0 : 8, all ? undefined : 10)
      expect(changes.length).toBeGreaterThan(1)
      const expressions = ['0 * * * *', '30 2 * * *', '30 0 * * *', '*/20 * * * *', '15,45 0-3 * * *']
      for (const schedule of expressions.map((expression) => cron(expression, zone))) {
        for (const change of changes) await expectAround(schedule, change, all ? 5 : 211)
      }
    },
  )

  it.each(odd)('%s in %s around %s', { timeout: time }, async (expression, zone, date) => {
    await expectAround(cron(expression, zone), Date.parse(date), all ? 5 : 181)
  })

  it('any unix-cron expression in any of some zones', { timeout: time }, async () => {
    await fc.assert(
      fc.asyncProperty(
        expressions(),
        fc.constantFrom(...zones, ...otherZones),
        fc.integer({ min: years.from, max: years.to }),
        async (expression, zone, now) => {
          const schedule = cron(expression, zone)
          await expectInterval(resolverOf(schedule), schedule, now)
        },
      ),
      { numRuns: all ? 5000 : 40 },
    )
  })
})

describe('resolve_run', () => {
  const daily = cron('0 6 * * *', 'America/Sao_Paulo')
  const now = Date.parse('2026-03-10T12:00:00.750Z')

  it('gives the run that `dag trigger` would start', async () => {
    for (const schedule of [daily, cron('0 6 * * *', 'Etc/UTC'), null]) {
      const { run } = await resolverOf(schedule).at(now, null)
      const { params: _, ...planned } = planRun({ manifest: { dag: 'a', schedule }, nowMs: now })
      expect(run).toEqual(planned)
    }
  })

  it('names runs by what started them', async () => {
    const { run } = await resolverOf(daily).at(now, { trigger: 'scheduled' })
    expect(run['run_id']).toBe('scheduled__2026-03-09t09-00-00z')
    expect(run['trigger']).toBe('scheduled')
  })

  it('fills params in', async () => {
    const params = z.object({
      user: z.string().default('Gajs'),
      days: z.number().default(7),
      note: z.string(),
    })
    const { run } = await resolverOf(daily, params).at(now, {
      params: { days: 3 },
      known: { load: 'success' },
    })
    expect(run['params']).toEqual({ user: 'Gajs', days: 3 })
    expect(run['known']).toEqual({ load: 'success' })
  })

  it('leaves a complete argument as it is', async () => {
    const argument = planRun({ manifest: { dag: 'a', schedule: daily }, nowMs: now, trigger: 'backfill' })
    const { run, steps } = await resolverOf(daily).at(now, argument)
    expect(run).toEqual(argument)
    expect(steps).toBe(2)
  })

  it.each([
    ['0 6 * * *', '2026-02-27T09:00:00Z', '2026-02-27T06:00:00-03:00', '2026-02-28T06:00:00-03:00'],
    [
      '*/15 8-18 * * mon-fri',
      '2026-02-27T18:45:00-03:00',
      '2026-02-27T18:45:00-03:00',
      '2026-03-02T08:00:00-03:00',
    ],
    ['0 0 29 2 *', '2024-02-29T00:00:00-03:00', '2024-02-29T00:00:00-03:00', '2028-02-29T00:00:00-03:00'],
    // Not a tick: the interval is the one that it lies in.
    ['0 6 1 * *', '2026-02-10T12:00:00Z', '2026-02-01T06:00:00-03:00', '2026-03-01T06:00:00-03:00'],
  ])('%s on %s is from %s to %s', async (expression, date, start, end) => {
    const { run } = await resolverOf(cron(expression, 'America/Sao_Paulo')).at(now, { logical_date: date })
    expect(run).toMatchObject({ interval_start: start, interval_end: end })
    expect(Date.parse(String(run['logical_date']))).toBe(Date.parse(date))
    expect(String(run['logical_date'])).toMatch(/-03:00$/)
  })

  it('takes a date without a schedule as a moment', async () => {
    const { run } = await resolverOf(null).at(now, { logical_date: '2026-01-02T03:04:05+01:00' })
    expect(run['run_id']).toBe('manual__2026-01-02t02-04-05z')
    expect(run['interval_end']).toBe('2026-01-02T02:04:05+00:00')
  })

  it.each([
    ['0 6 * * *', 'Etc/UTC', 2800, 60],
    ['0 6 * * *', 'Europe/Berlin', 4000, 90],
    ['* * * * *', 'Europe/Berlin', 3700, 60],
    ['*/15 * * * *', 'Europe/Berlin', 4000, 80],
    ['0 0 1 * *', 'Europe/Berlin', 4100, 600],
  ])('%s in %s: at most %i bytes and %i steps', async (expression, zone, bytes, steps) => {
    const resolver = resolverOf(cron(expression, zone))
    const moments = Array.from(
      { length: 24 },
      (_, hour) => Date.parse('2026-01-31T00:07:00Z') + hour * 60 * minute,
    )
    const taken: number[] = []
    for (const moment of moments) taken.push((await resolver.at(moment)).steps)
    expect(resolver.source.length).toBeLessThanOrEqual(bytes)
    expect(Math.max(...taken)).toBeLessThanOrEqual(steps)
  })
})

function cronerOf({ cron: expression, timeZone }: Schedule): Cron {
  return new Cron(expression, { timezone: timeZone, mode: '5-part', paused: true })
}

/** The last two ticks at or before a moment, the later one first. */
function ticksBefore(schedule: Schedule, now: number): number[] {
  const after = new Date(Math.floor(now / 1000) * 1000 + 1000)
  return cronerOf(schedule)
    .previousRuns(2, after)
    .map((tick) => tick.getTime())
}

async function expectInterval(resolver: Resolver, schedule: Schedule, now: number): Promise<void> {
  const [end = 0, start = 0] = ticksBefore(schedule, now)
  await expectEnds(resolver, now, [start, end])
}

async function expectEnds(resolver: Resolver, now: number, ends: readonly number[]): Promise<void> {
  const { run } = await resolver.at(now)
  const found = [run['interval_start'], run['interval_end']].map((text) => Date.parse(String(text)))
  const show = (moments: readonly number[]) => moments.map((moment) => new Date(moment).toISOString())
  expect(show(found), `at ${new Date(now).toISOString()}`).toEqual(show(ends))
}

async function expectAround(schedule: Schedule, change: number, stepMinutes: number): Promise<void> {
  const resolver = resolverOf(schedule)
  for (let now = change - day; now < change + 1.5 * day; now += stepMinutes * minute) {
    await expectInterval(resolver, schedule, now)
  }
}

/** Midnights, UTC, of the days on which a zone changes its clocks. */
function changesOf(zone: string): number[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const offset = (moment: number) =>
    format.formatToParts(moment).find(({ type }) => type === 'timeZoneName')?.value
  const days = Array.from({ length: (years.to - years.from) / day }, (_, index) => years.from + index * day)
  return days.filter((start) => offset(start) !== offset(start + day))
}

/** Lists of numbers, ranges and steps in every field; days that every month has, so that it ticks. */
function expressions(): fc.Arbitrary<string> {
  const field = (min: number, max: number) => {
    const number = fc.integer({ min, max })
    const range = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
    const steps = fc.tuple(fc.oneof(fc.constant('*'), range), fc.integer({ min: 1, max: Math.min(max, 20) }))
    const item = fc.oneof(
      number.map(String),
      range,
      steps.map(([of, every]) => `${of}/${every}`),
    )
    return fc.oneof(
      { weight: 2, arbitrary: fc.constant('*') },
      {
        weight: 3,
        arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(',')),
      },
    )
  }
  const parts = [field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)] as const
  return fc.tuple(...parts).map((texts) => texts.join(' '))
}
