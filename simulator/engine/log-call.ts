import { asRaised } from './errors.ts'
import type { RaisedError } from './errors.ts'
import type { Frame } from './frame.ts'
import type { RuntimeValue } from './value.ts'

/** Reports how one call goes. */
export interface CallLog {
  succeeded(response: RuntimeValue): void
  failed(error: unknown): void
}

/** Reports that a call begins; null where nobody logs calls. */
export function logCall(callee: string, args: RuntimeValue, { thread }: Frame): CallLog | null {
  const { host } = thread.execution.functions
  if (host.logCall === undefined) return null
  const step = thread.step?.name ?? ''
  const startTime = host.clock.now()
  host.logCall({ state: 'BEGUN', step, callee, args })
  return {
    succeeded: (response) => host.logCall?.({ state: 'SUCCEEDED', step, callee, startTime, response }),
    failed: (error) => {
      const raised = asRaised(error)
      const origin = raised.trace[0]?.step ?? step
      raised.call ??= { callee, startTime, origin }
      host.logCall?.({ state: 'EXCEPTION_RAISED', step, callee, startTime, exception: raised.value, origin })
    },
  }
}

/** Reports that the `except` of a step takes over the error of a call. */
export function logHandled(step: string, { call, value }: RaisedError, { thread }: Frame): void {
  if (call === null) return
  thread.execution.functions.host.logCall?.({ state: 'EXCEPTION_HANDLED', step, exception: value, ...call })
}
