/** The line of the author's file that a declaration or a mistake stands on. */
export interface Location {
  /** Absolute path; the compiler writes it relative to the project folder. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based; where the call stands in the line, as far as the file is run as it was written. */
  readonly column?: number
  /** What stands there, where it is not a call. */
  readonly name?: string
}

/** Frames that V8 keeps while a location is taken: deep enough for an author's own helpers around a declaration. */
const frames = 30

/**
 * The line that called `entry`, taken from the stack: the frame below `entry` that stands in a file.
 * Null where there is no such frame, e.g. in an evaluated string.
 */
export function callerOf(entry: (...args: never[]) => unknown): Location | null {
  const holder: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = frames
  Error.captureStackTrace(holder, entry)
  const stack = String(holder.stack)
  Error.stackTraceLimit = limit
  return firstLocation(stack)
}

/** The first frame of a stack text that stands in a file of the author's. */
export function firstLocation(stack: string): Location | null {
  for (const frame of stack.split('\n')) {
    const location = locationOf(frame)
    if (location) return location
  }
  return null
}

const place = /(?:\(|at (?:async )?)(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/

function locationOf(frame: string): Location | null {
  const match = place.exec(frame)
  if (!match?.[1] || match[1].includes('/node_modules/')) return null
  return {
    file: frame.includes('file://') ? decodeURIComponent(match[1]) : match[1],
    line: Number(match[2]),
    column: Number(match[3]),
  }
}
