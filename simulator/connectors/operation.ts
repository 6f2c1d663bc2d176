import { operationError } from '../engine/errors.ts'
import { isMap } from '../engine/value.ts'
import type { Wait } from './waiting.ts'

/**
 * A long-running operation that is read at `path`: its response is the result; its error is raised with the
 * operation beside it. https://cloud.google.com/workflows/docs/connectors#long-running_operations
 */
export function operation(path: string): Wait {
  return {
    poll: { method: 'GET', path },
    pollArgs: (first) => {
      const name = first.get('name')
      return typeof name === 'string' ? new Map([['name', name]]) : null
    },
    settle: (answer) => {
      if (answer.get('done') !== true) return null
      const error = answer.get('error')
      if (isMap(error)) {
        const message = error.get('message')
        throw operationError(
          typeof message === 'string' ? message : 'Long-running operation failed.',
          answer,
          error,
        )
      }
      return { value: answer.get('response') ?? null }
    },
  }
}
