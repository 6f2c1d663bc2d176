import { UserError } from '../deploy/user-error.ts'
import type { Options } from './command.ts'

/** A whole number from 0. */
export function wholeNumber(options: Options, name: string): number | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new UserError('DAG601', `--${name} takes a whole number from 0, not ${text}`, {
    place: `--${name} ${text}`,
  })
}

/** A moment in RFC 3339, as milliseconds. */
export function instant(options: Options, name: string): number | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  const value = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (!Number.isNaN(value)) return value
  throw new UserError('DAG601', `--${name} takes a moment such as 2026-01-01T00:00:00Z, not ${text}`, {
    place: `--${name} ${text}`,
  })
}

/** One of some words. */
export function oneOf<T extends string>(
  options: Options,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = options.text(name)
  const found = allowed.find((item) => item === text)
  if (text === undefined || found !== undefined) return found
  throw new UserError('DAG601', `--${name} takes ${allowed.join(' or ')}, not ${text}`, {
    place: `--${name} ${text}`,
  })
}
