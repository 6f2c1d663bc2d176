import type { CloudRequest, CloudResponse } from '../../cloud/request.ts'
import { virtualClock, type Clock } from '../../clock.ts'
import { RaisedError } from '../../engine/errors.ts'
import type { CallContext } from '../../engine/host.ts'
import { parseJson, writeJson } from '../../engine/json.ts'
import type { Readings } from '../../engine/readings.ts'
import { isMap, type RuntimeMap, type RuntimeValue } from '../../engine/value.ts'
import { createConnectors } from '../index.ts'

/** Connectors over answers given in advance, on a virtual clock. */
export interface ConnectorStage {
  readonly clock: Clock
  readonly requests: CloudRequest[]
  /** Seconds of virtual time at which each request came. */
  readonly times: number[]
  /** Billed steps of polls. */
  steps(): number
  readonly context: CallContext
  /** Calls a connector with JSON arguments; the answer as JSON text. */
  call(name: string, args: string): Promise<string>
}

export function connectorStage(
  answers: readonly CloudResponse[],
  options: { readonly signal?: AbortSignal; readonly readings?: Partial<Readings> } = {},
): ConnectorStage {
  const clock = virtualClock(0)
  const requests: CloudRequest[] = []
  const times: number[] = []
  let steps = 0
  const connectors = createConnectors({
    project: 'own-project',
    location: 'us-central1',
    readings: options.readings ?? {},
    dispatch: (request) => {
      times.push(clock.now() / 1000)
      requests.push(request)
      const answer = answers[Math.min(requests.length, answers.length) - 1]
      return answer === undefined ? Promise.reject(new Error('no answer left')) : Promise.resolve(answer)
    },
  })
  const context: CallContext = {
    clock,
    signal: options.signal ?? new AbortController().signal,
    environment: () => null,
    currentStep: () => ({ routine: 'main', step: 'call' }),
    countStep: () => {
      steps += 1
    },
    inTurn: (work) => work,
  }
  return {
    clock,
    requests,
    times,
    steps: () => steps,
    context,
    call: async (name, args) => {
      const connector = connectors(name)
      if (connector === null) throw new Error(`no connector ${name}`)
      return writeJson(await connector(mapFrom(args), context))
    },
  }
}

/** A map from JSON text. */
export function mapFrom(text: string): RuntimeMap {
  const value = parseJson(text)
  if (!isMap(value)) throw new Error('not a map')
  return value
}

/** What a call raises, as JSON text. */
export async function raised(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    if (error instanceof RaisedError) return writeJson(error.value)
    throw error
  }
  throw new Error('nothing was raised')
}

/** The tags of what a call raises. */
export async function raisedTags(call: Promise<unknown>): Promise<RuntimeValue> {
  const value = parseJson(await raised(call))
  return isMap(value) ? (value.get('tags') ?? null) : null
}
