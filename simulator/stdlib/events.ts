import { systemError, timeoutError, valueError } from '../engine/errors.ts'
import { blocking, optional, param, plain } from './function.ts'
import type { CallbackHost } from '../engine/host.ts'
import type { FunctionContext } from './function.ts'

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])

/** https://cloud.google.com/workflows/docs/reference/stdlib/events/await_callback */
export const events = {
  'events.create_callback_endpoint': plain(
    [optional(param('http_callback_method', 'string'), 'POST')],
    ([method], context) => {
      if (!METHODS.has(method))
        throw valueError(`events.create_callback_endpoint: unknown method '${method}'`)
      return callbacksOf(context).create(method)
    },
  ),
  'events.await_callback': blocking(
    [param('callback', 'map'), optional(param('timeout', 'integer', 'double'), 43_200)],
    async ([callback, timeout], context) => {
      const { call } = context
      if (!(Number(timeout) >= 0)) throw valueError('events.await_callback: the timeout must not be negative')
      const answered = new AbortController()
      const late = new AbortController()
      const expired = call.clock
        .sleep(Number(timeout) * 1000, AbortSignal.any([call.signal, answered.signal]))
        .then(() => {
          late.abort(timeoutError('events.await_callback: no request came in time'))
          throw late.signal.reason
        })
      const request = callbacksOf(context).receive(callback, AbortSignal.any([call.signal, late.signal]))
      try {
        return await Promise.race([request, expired])
      } finally {
        answered.abort(new Error('answered'))
        expired.catch(() => undefined)
        request.catch(() => undefined)
      }
    },
  ),
}

function callbacksOf({ host }: FunctionContext): CallbackHost {
  if (host.callbacks === undefined) throw systemError('callbacks are not available in this environment')
  return host.callbacks
}
