import { isMap } from './map.ts'
import type { TaskError } from './run-view.ts'

/** Reads what was raised: a map with `message`, a string, or anything else as its JSON text. */
export function errorOf(raised: unknown): TaskError | null {
  if (raised === null || raised === undefined) return null
  const value = typeof raised === 'string' ? parsed(raised) : raised
  if (typeof value === 'string') return { code: null, message: value }
  if (!isMap(value)) return { code: null, message: JSON.stringify(value) }
  const code = value['code']
  return {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : null,
    message: typeof value['message'] === 'string' ? value['message'] : JSON.stringify(value),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
