/** A whole number of seconds, minutes, hours or days: `30s`, `5m`, `2h`, `1d`. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** Seconds of a duration, or null where the text is none (or is zero). */
export function durationSeconds(text: unknown): number | null {
  if (typeof text !== 'string') return null
  const match = /^([1-9]\d{0,6})([smhd])$/.exec(text)
  return match ? Number(match[1]) * seconds[match[2] as keyof typeof seconds] : null
}

/** A length of time in the largest unit that says it without a fraction: `90s`, `5m`, `2h`. */
export function durationText(total: number): string {
  if (total % 3600 === 0 && total > 0) return `${total / 3600}h`
  if (total % 60 === 0 && total > 0) return `${total / 60}m`
  return `${total}s`
}
