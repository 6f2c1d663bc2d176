import { RaisedError, systemError, tagsOf } from '../engine/errors.ts'
import { isMap } from '../engine/value.ts'
import { anything, blocking, optional, param } from './function.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import type { FunctionContext } from './function.ts'

const RUN = 'googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run'
const LOCATION = optional(param('location', 'string'), null)
const PROJECT = optional(param('project_id', 'string'), null)

/**
 * Superseded by parallel steps and the executions connector, which does the work here.
 * https://cloud.google.com/workflows/docs/reference/stdlib/experimental.executions/map
 */
export const experimental = {
  'experimental.executions.run': blocking(
    [param('workflow_id', 'string'), LOCATION, PROJECT, optional(anything('argument'), null)],
    ([workflow, location, project, argument], context) =>
      run(context, fields({ workflow_id: workflow, location, project_id: project, argument }, 1800)),
  ),
  'experimental.executions.map': blocking(
    [
      param('workflow_id', 'string'),
      param('arguments', 'list'),
      optional(param('timeout', 'integer', 'double'), 1800),
      LOCATION,
      PROJECT,
    ],
    ([workflow, items, timeout, location, project], context) =>
      Promise.all(
        items.map((argument) =>
          run(context, fields({ workflow_id: workflow, location, project_id: project, argument }, timeout)),
        ),
      ),
  ),
}

function fields(given: Readonly<Record<string, RuntimeValue>>, timeout: bigint | number): RuntimeMap {
  const args = Object.entries(given).filter(([, value]) => value !== null)
  return new Map<string, RuntimeValue>([...args, ['connector_params', new Map([['timeout', timeout]])]])
}

function run({ host, call }: FunctionContext, args: RuntimeMap): Promise<RuntimeValue> {
  const connector = host.connector(RUN)
  if (connector === null) throw systemError(`the local cloud does not serve the connector ${RUN}`)
  return connector(args, call).catch((error: unknown) => {
    throw error instanceof RaisedError && tagsOf(error.value).includes('OperationError')
      ? executionError(error)
      : error
  })
}

/** These functions have a tag of their own for an execution that failed. */
function executionError({ value }: RaisedError): RaisedError {
  if (!isMap(value)) return new RaisedError(value)
  return new RaisedError(new Map<string, RuntimeValue>([...value, ['tags', ['ExecutionError']]]))
}
