import { StepError } from './error.ts'
import type { OutputPointer } from './pointer.ts'

/**
 * Room for `output` in the custom metadata of one object, whose keys and values may take 8 KiB together
 * (https://docs.cloud.google.com/storage/quotas#objects).
 */
export const OUTPUT_LIMIT = 7 * 1024

/** Bytes of a reason or a message. */
const TEXT_LIMIT = 1000

/** ASCII only: metadata also travels as HTTP headers, which can carry neither control characters nor Unicode. */
export function escapeText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => {
    if (unit === '\n') return '\\n'
    if (unit === '\t') return '\\t'
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** `message` and `reason`: escaped, at most 1,000 characters, never cut within an escape. */
export function shortText(text: string): string {
  let short = ''
  for (const character of text) {
    const escaped = escapeText(character)
    if (short.length + escaped.length > TEXT_LIMIT) return short
    short += escaped
  }
  return short
}

/** A reason, which the workflow decodes: at most 1,000 bytes of UTF-8, never cut within a character. */
export function shortReason(reason: string): string {
  let [short, bytes] = ['', 0]
  for (const character of reason) {
    bytes += Buffer.byteLength(character)
    if (bytes > TEXT_LIMIT) return short
    short += character
  }
  return short
}

/** JSON in ASCII; the same value for every reader of JSON. */
export function asciiJson(value: unknown): string {
  return escapeText(JSON.stringify(value))
}

export interface SplitOutput {
  /** Fields that fit. */
  readonly kept: Readonly<Record<string, unknown>>
  /** Fields that do not, to be written to an object of their own and replaced by pointers. */
  readonly moved: Readonly<Record<string, unknown>>
}

/**
 * Which top-level fields of an output must become pointers, largest first, for its JSON to fit. `sample` stands for
 * a pointer to a field of that name: as long as the real one.
 */
export function splitOutput(
  output: Readonly<Record<string, unknown>>,
  sample: (field: string) => OutputPointer,
): SplitOutput {
  const sizes = Object.entries(output).map(([field, value]) => {
    const key = asciiJson(field).length + 2
    const size = value === undefined ? 0 : key + asciiJson(value).length
    return { field, size, saving: size - key - asciiJson(sample(field)).length }
  })
  let total = 2 + sizes.reduce((sum, { size }) => sum + size, 0)
  const moved = new Set<string>()
  for (const { field, saving } of sizes.toSorted((a, b) => b.size - a.size)) {
    if (total <= OUTPUT_LIMIT) break
    if (saving <= 0) continue
    moved.add(field)
    total -= saving
  }
  if (total > OUTPUT_LIMIT) {
    throw new StepError({
      code: 'output_too_large',
      message: `the output has ${sizes.length} fields, which do not fit ${OUTPUT_LIMIT} bytes even as pointers; nest them`,
      retryable: false,
    })
  }
  const part = (wanted: boolean) =>
    Object.fromEntries(Object.entries(output).filter(([field]) => moved.has(field) === wanted))
  return { kept: part(false), moved: part(true) }
}
