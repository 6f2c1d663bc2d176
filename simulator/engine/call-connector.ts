import { systemError } from './errors.ts'
import type { Frame } from './frame.ts'
import type { Task } from './task.ts'
import type { RuntimeMap, RuntimeValue } from './value.ts'

/** Calls `googleapis.…` of the host. */
export function* callConnector(name: string, args: RuntimeMap, frame: Frame): Task<RuntimeValue> {
  const { functions } = frame.thread.execution
  const connector = functions.host.connector(name)
  if (connector === null) throw systemError(`the local cloud does not serve the connector ${name}`)
  return yield connector(args, functions.call)
}
