import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** Names that a service gives to what it creates. */
export interface Ids {
  /** A UUID for something new below `scope`, the name of its parent. */
  uuid(scope: string): string
  /** So many hexadecimal digits. */
  hex(scope: string, length: number): string
}

/** New in every run. */
export const randomIds: Ids = {
  uuid: () => randomUUID(),
  hex: (_, length) =>
    randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length),
}

/**
 * The same for the same seed and requests. Every parent counts its own children, so that requests below one parent do
 * not change the ids below another, in whatever order they arrive.
 */
export function seededIds(seed: number): Ids {
  const counts = new Map<string, number>()
  const next = (scope: string): string => {
    const count = (counts.get(scope) ?? 0) + 1
    counts.set(scope, count)
    return createHash('sha256').update(`${seed}\n${count}\n${scope}`).digest('hex')
  }
  return {
    uuid: (scope) => {
      const digits = next(scope)
      const variant = '89ab'[Number.parseInt(digits[16]!, 16) % 4]!
      const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`]
      return [...parts, `${variant}${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-')
    },
    hex: (scope, length) => next(scope).slice(0, length),
  }
}
