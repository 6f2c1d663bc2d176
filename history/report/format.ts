import { withCommas } from '../../artifact/numbers.ts'

/** `420 ms`, `3.2 s`, `4 min 05 s`, `2 h 03 min`. */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '–'
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${twoDigits(Math.floor((seconds % 3600) / 60))} min`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

/** `2026-03-09 09:00:00 UTC`. */
export function instant(milliseconds: number | null): string {
  return milliseconds === null
    ? '–'
    : `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `1 row`, `2 rows`. */
export function plural(value: number, noun: string): string {
  return `${withCommas(value)} ${noun}${value === 1 ? '' : 's'}`
}
