import { writeJson } from './json.ts'
import { mapOf } from './value.ts'
import type { ExecutionError } from './execution.ts'
import { asRaised } from './errors.ts'
import type { RaisedError } from './errors.ts'
import type { Readings } from './readings.ts'
import type { RuntimeValue } from './value.ts'

/**
 * The message, and a line for each frame, innermost first.
 * https://cloud.google.com/workflows/docs/access-execution-results
 */
export function contextText(error: RaisedError, frames: Readings['stackFrames'] = 'all'): string {
  const trace = frames === 'all' ? error.trace : error.trace.slice(0, 1)
  const lines = trace.map(
    ({ step, routine, position }) => `in step "${step}", routine "${routine}", line: ${position.line}`,
  )
  return [messageOf(error.value), ...lines].join('\n')
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
    return writeJson(value)
  } catch (error) {
    const message = `the raised value cannot be written as JSON: ${asRaised(error).message}`
    return writeJson(mapOf({ message, tags: ['SystemError'] }))
  }
}
