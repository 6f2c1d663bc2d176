import type { CloudRequest, Dispatch } from '../cloud/request.ts'
import type { Connector } from '../engine/host.ts'
import { chooseReadings, type Readings } from '../engine/readings.ts'
import { bigqueryMethods } from './bigquery.ts'
import { send, type Cloud } from './client.ts'
import { executionMethods } from './executions.ts'
import type { Caller, MethodTable, RestMethod } from './method.ts'
import { buildRequest } from './request.ts'
import { pubsubMethods } from './pubsub.ts'
import { runMethods } from './run.ts'
import { secretMethods } from './secrets.ts'
import { storageMethods } from './storage.ts'
import { workflowMethods } from './workflows.ts'
import { readConnectorParams, waitForEnd } from './waiting.ts'

export { createHttp, type StandIn } from './http.ts'
export type { NetworkRequest, NetworkResponse } from './exchange.ts'
export { isLoopback, type OutwardGate } from './outward.ts'

export interface ConnectorOptions extends Caller {
  readonly dispatch: Dispatch
  /** Where the documentation is silent: other than the default readings. */
  readonly readings?: Partial<Readings>
}

const methods: MethodTable = {
  ...runMethods,
  ...bigqueryMethods,
  ...storageMethods,
  ...executionMethods,
  ...pubsubMethods,
  ...secretMethods,
  ...workflowMethods,
}

/** Names of the connectors there are, with `googleapis.`. */
export const connectorNames: readonly string[] = Object.keys(methods).map((name) => `googleapis.${name}`)

/**
 * Connectors of a workflow in one project and region: `googleapis.…` names to functions that call the local cloud.
 * Null for a name that is not known.
 */
export function createConnectors(options: ConnectorOptions): (name: string) => Connector | null {
  const cloud: Cloud = { dispatch: options.dispatch, readings: chooseReadings(options.readings) }
  return (name) => {
    const key = name.replace(/^googleapis\./, '')
    const rest = Object.hasOwn(methods, key) ? methods[key] : undefined
    return rest === undefined ? null : connect(name, rest, options, cloud)
  }
}

function connect(name: string, rest: RestMethod, caller: Caller, shared: Cloud): Connector {
  return async (given, context) => {
    const from = context.currentStep()
    const cloud = { ...shared, dispatch: (request: CloudRequest) => shared.dispatch({ ...request, from }) }
    const params = readConnectorParams(name, given.get('connector_params'))
    const args = rest.prepare === undefined ? given : rest.prepare(given, caller)
    const deadline = {
      at: context.clock.now() + params.timeoutMs,
      message: `${name}: the operation did not end within ${params.timeoutMs / 1000} seconds`,
    }
    const first = await send(cloud, buildRequest(name, rest, args), context, deadline)
    const { wait } = rest
    if (rest.result !== undefined) return rest.result(first)
    if (wait === undefined || wait.applies?.(cloud.readings) === false) return first
    if (params.skipPolling) return rest.skipped === undefined ? first : rest.skipped(first)
    return await waitForEnd(name, wait, first, args, { params, deadline }, cloud, context)
  }
}
