import type { Dispatch } from '../cloud/request.ts'
import type { Connector } from '../engine/host.ts'
import { bigqueryMethods } from './bigquery.ts'
import { send } from './client.ts'
import { executionMethods } from './executions.ts'
import type { Caller, MethodTable, RestMethod } from './method.ts'
import { buildRequest } from './request.ts'
import { runMethods } from './run.ts'
import { storageMethods } from './storage.ts'
import { readConnectorParams, waitForEnd } from './waiting.ts'

export { createHttp } from './http.ts'

export interface ConnectorOptions extends Caller {
  readonly dispatch: Dispatch
}

const methods: MethodTable = { ...runMethods, ...bigqueryMethods, ...storageMethods, ...executionMethods }

/** Names of the connectors there are, with `googleapis.`. */
export const connectorNames: readonly string[] = Object.keys(methods).map((name) => `googleapis.${name}`)

/**
 * Connectors of a workflow in one project and region: `googleapis.…` names to functions that call the local cloud.
 * Null for a name that is not known.
 */
export function createConnectors(options: ConnectorOptions): (name: string) => Connector | null {
  return (name) => {
    const key = name.replace(/^googleapis\./, '')
    const rest = Object.hasOwn(methods, key) ? methods[key] : undefined
    return rest === undefined ? null : connect(name, rest, options)
  }
}

function connect(name: string, rest: RestMethod, options: ConnectorOptions): Connector {
  return async (given, context) => {
    const params = readConnectorParams(name, given.get('connector_params'))
    const args = rest.prepare === undefined ? given : rest.prepare(given, options)
    const first = await send(options.dispatch, buildRequest(name, rest, args), context)
    if (rest.wait === undefined) return first
    if (params.skipPolling) return rest.skipped === undefined ? first : rest.skipped(first)
    return await waitForEnd(name, rest.wait, first, args, params, options.dispatch, context)
  }
}
