import type { RuntimeValue } from './value.ts'

/** What every value costs besides its content. */
const OVERHEAD = 8

interface Known {
  size: number
  /** The slot's owner that it was copied for; see access.ts. */
  readonly owner: object | null
}

/** What is known of containers, so that a value is walked once however often it is assigned. */
const known = new WeakMap<object, Known>()

/**
 * Bytes that a value counts for: 8 for a scalar, 8 + length for text and bytes, 8 + the sum of what is inside
 * for lists and maps. https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export function sizeOf(value: RuntimeValue): number {
  if (typeof value === 'string') return textSize(value)
  if (typeof value !== 'object' || value === null) return OVERHEAD
  if (value instanceof Uint8Array) return OVERHEAD + value.length
  const cached = known.get(value)
  if (cached !== undefined) return cached.size
  let size = OVERHEAD
  if (Array.isArray(value)) {
    for (const item of value as readonly RuntimeValue[]) size += sizeOf(item)
  } else if (value instanceof Map) {
    for (const [key, item] of value) size += textSize(key) + sizeOf(item)
  }
  known.set(value, { size, owner: null })
  return size
}

/** Whether a container was copied for this owner. */
export function isOwned(container: object, owner: object): boolean {
  return known.get(container)?.owner === owner
}

/** Records a copy that was made for an owner, and its size. */
export function setOwner(copy: object, owner: object, size: number): void {
  known.set(copy, { size, owner })
}

/** Records that a container whose size is known was changed in place. */
export function changeSize(container: object, change: number): void {
  if (change === 0) return
  const entry = known.get(container)
  if (entry !== undefined) entry.size += change
}

/** Size of a string: its overhead and its length in UTF-8. */
export function textSize(text: string): number {
  return OVERHEAD + utf8Length(text)
}

/** Length of a string in UTF-8. */
export function utf8Length(text: string): number {
  if (text.length > 24) return Buffer.byteLength(text)
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text)
  return text.length
}
