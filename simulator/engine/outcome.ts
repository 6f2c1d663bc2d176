import { writeJson } from './json.ts'
import { mapOf } from './value.ts'
import type { ExecutionError } from './execution.ts'
import { asRaised } from './errors.ts'
import type { RaisedError } from './errors.ts'
import type { Readings } from './readings.ts'
import type { RuntimeValue } from './value.ts'

/** Characters of a context's message, and of the whole: what was raised may be any text and may be in any step. */
const LONGEST_MESSAGE = 8 * 1024
const LONGEST_CONTEXT = 16 * 1024

/** Characters of a payload. A value of 512 KB stays below, escapes included. */
const LONGEST_PAYLOAD = 4 * 1024 * 1024

/**
 * The message, and a line for each frame, innermost first. Long ones are shortened.
 * https://cloud.google.com/workflows/docs/access-execution-results
 */
export function contextText(error: RaisedError, frames: Readings['stackFrames'] = 'all'): string {
  const trace = frames === 'all' ? error.trace : error.trace.slice(0, 1)
  const lines = trace.map(
    ({ step, routine, position }) => `in step "${step}", routine "${routine}", line: ${position.line}`,
  )
  return shortened([shortened(messageOf(error.value), LONGEST_MESSAGE), ...lines].join('\n'), LONGEST_CONTEXT)
}

/** What an execution that ended with an uncaught error shows. */
export function executionError(error: RaisedError, readings: Readings): ExecutionError {
  return {
    payload: payloadText(error.value),
    context: contextText(error, readings.stackFrames),
    stackTrace: readings.stackFrames === 'all' ? error.trace : error.trace.slice(0, 1),
  }
}

function messageOf(value: RuntimeValue): string {
  const message = value instanceof Map ? value.get('message') : undefined
  if (typeof message === 'string' && value instanceof Map && value.has('tags')) return message
  return `RuntimeError: ${payloadText(value)}`
}

function payloadText(value: RuntimeValue): string {
  try {
    return writeJson(value, { limit: LONGEST_PAYLOAD })
  } catch (error) {
    const message = `the raised value cannot be written as JSON: ${asRaised(error).message}`
    return writeJson(mapOf({ message, tags: ['SystemError'] }))
  }
}

/** Never ends within a surrogate pair. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`
}
