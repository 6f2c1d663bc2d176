import { UserError } from '../deploy/user-error.ts'
import type { Options } from './command.ts'

/** A whole number from 0. */
export function wholeNumber(options: Options, name: string): number | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new UserError(`--${name} takes a whole number from 0, not ${text}`, { place: `--${name} ${text}` })
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
  throw new UserError(`--${name} takes ${allowed.join(' or ')}, not ${text}`, { place: `--${name} ${text}` })
}
