import type { FuzzyDate } from './wire.ts'

/** Calendar days as `YYYY-MM-DD`; no time zone is involved. */

const DAY_MS = 86_400_000

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
}

/** Unix seconds of a second of that day in UTC. */
export function secondsAt(date: string, second: number): number {
  return Date.parse(date) / 1000 + second
}

export function dateOf(date: string): FuzzyDate {
  const [year, month, day] = date.split('-').map(Number)
  return { year: year ?? null, month: month ?? null, day: day ?? null }
}
