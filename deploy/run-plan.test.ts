import { describe, expect, it } from 'vitest'
import { planRun } from './run-plan.ts'
import { UserError } from './user-error.ts'

const daily = { dag: 'anilist', schedule: { cron: '0 6 * * *', timeZone: 'America/Sao_Paulo' } }
const at = (text: string) => Date.parse(text)

describe('planRun', () => {
  it('takes the last complete interval without a date', () => {
    expect(
      planRun({ manifest: daily, nowMs: at('2026-03-10T12:00:00Z'), params: { userName: 'Gajs' } }),
    ).toEqual({
      run_id: 'manual__2026-03-09t09-00-00z',
      trigger: 'manual',
      logical_date: '2026-03-09T06:00:00-03:00',
      interval_start: '2026-03-09T06:00:00-03:00',
      interval_end: '2026-03-10T06:00:00-03:00',
      params: { userName: 'Gajs' },
    })
  })

  it('counts an interval as complete from its last tick on', () => {
    const logical = (now: string) => planRun({ manifest: daily, nowMs: at(now) }).logical_date
    expect(logical('2026-03-10T08:59:59.999Z')).toBe('2026-03-08T06:00:00-03:00')
    expect(logical('2026-03-10T09:00:00.000Z')).toBe('2026-03-09T06:00:00-03:00')
    expect(logical('2026-03-10T09:00:00.500Z')).toBe('2026-03-09T06:00:00-03:00')
  })

  it('takes a day as its first tick in the time zone', () => {
    const plan = planRun({ manifest: daily, nowMs: at('2026-03-10T12:00:00Z'), date: '2025-04-17' })
    expect(plan.logical_date).toBe('2025-04-17T06:00:00-03:00')
    expect(plan.run_id).toBe('manual__2025-04-17t09-00-00z')
    const hourly = { dag: 'a', schedule: { cron: '15 * * * *', timeZone: 'Asia/Kolkata' } }
    const first = planRun({ manifest: hourly, nowMs: at('2026-03-10T12:00:00Z'), date: '2025-04-17' })
    expect(first.logical_date).toBe('2025-04-17T00:15:00+05:30')
    expect(first.interval_end).toBe('2025-04-17T01:15:00+05:30')
  })

  it('takes a tick as RFC 3339 in any offset', () => {
    const plan = planRun({ manifest: daily, nowMs: at('2026-03-10T12:00:00Z'), date: '2025-04-17T09:00:00Z' })
    expect(plan.logical_date).toBe('2025-04-17T06:00:00-03:00')
  })

  it('follows daylight saving', () => {
    const berlin = { dag: 'a', schedule: { cron: '0 6 * * *', timeZone: 'Europe/Berlin' } }
    const plan = planRun({ manifest: berlin, nowMs: at('2026-06-01T00:00:00Z'), date: '2026-03-28' })
    expect(plan.interval_start).toBe('2026-03-28T06:00:00+01:00')
    expect(plan.interval_end).toBe('2026-03-29T06:00:00+02:00')
  })

  it('gives a DAG without schedule an empty interval', () => {
    const manual = { dag: 'a', schedule: null }
    const now = planRun({ manifest: manual, nowMs: at('2026-03-10T12:00:00.750Z') })
    expect(now.logical_date).toBe('2026-03-10T12:00:00+00:00')
    expect(now.interval_end).toBe(now.interval_start)
    expect(planRun({ manifest: manual, nowMs: at('2026-03-10T12:00:00Z'), date: '2025-04-17' }).run_id).toBe(
      'manual__2025-04-17t00-00-00z',
    )
  })

  it.each([
    ['2025-02-30', '"2025-02-30" is no date'],
    ['yesterday', '"yesterday" is no date'],
    [
      '2025-04-17T09:30:00Z',
      '2025-04-17T09:30:00Z is no logical date of DAG anilist; the next one is 2025-04-18T06:00:00-03:00',
    ],
    ['2030-01-01', 'logical date 2030-01-01T06:00:00-03:00 of DAG anilist lies in the future'],
  ])('refuses %s', (date, message) => {
    const plan = () => planRun({ manifest: daily, nowMs: at('2026-03-10T12:00:00Z'), date })
    expect(plan).toThrow(UserError)
    expect(plan).toThrow(message)
  })

  it('refuses a day on which the schedule has no tick', () => {
    const weekly = { dag: 'a', schedule: { cron: '0 6 * * mon', timeZone: 'Etc/UTC' } }
    const plan = () => planRun({ manifest: weekly, nowMs: at('2026-03-10T12:00:00Z'), date: '2025-04-17' })
    expect(plan).toThrow('the next one is 2025-04-21T06:00:00+00:00')
  })

  it('meets every tick of three years in zones with and without daylight saving', () => {
    const zones = ['America/Sao_Paulo', 'Europe/Berlin', 'Asia/Kolkata']
    for (const timeZone of zones) {
      const manifest = { dag: 'a', schedule: { cron: '0 6 * * *', timeZone } }
      let next: string | undefined
      for (let day = at('2023-01-01T00:00:00Z'); day < at('2026-01-01T00:00:00Z'); day += 86_400_000) {
        const date = new Date(day).toISOString().slice(0, 10)
        const plan = planRun({ manifest, nowMs: at('2026-03-10T12:00:00Z'), date })
        expect(plan.logical_date.slice(0, 19)).toBe(`${date}T06:00:00`)
        if (next !== undefined) expect(plan.interval_start).toBe(next)
        next = plan.interval_end
      }
    }
  })
})
