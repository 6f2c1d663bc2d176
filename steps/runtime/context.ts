import { dirname } from 'node:path/posix'
import type { StepClock } from './clock.ts'
import type { AnyStepContract } from './contract.ts'
import type { EnvironmentVariables, StepRun } from './environment.ts'
import { StepSkip } from './error.ts'
import { createHttpClient } from './http.ts'
import type { Fetch } from './http.ts'
import type { Logger } from './logger.ts'
import type { ObjectStore } from './object-store.ts'
import { createRateLimiter } from './rate-limiter.ts'
import type { StepContext } from './step.ts'
import type { Warehouse } from './warehouse.ts'

export interface ContextParts {
  contract: AnyStepContract
  env: EnvironmentVariables
  run: StepRun
  log: Logger
  store: ObjectStore
  /** Name of the object that the outcome goes to. */
  outputName: string
  warehouse: Warehouse
  clock: StepClock
  signal: AbortSignal
  fetch: Fetch
}

export function createContext(parts: ContextParts): StepContext {
  const { contract, env, run, log, store, outputName, warehouse, clock, signal, fetch } = parts
  const variables = [...contract.env, ...Object.keys(contract.secrets)]
  return {
    run,
    log,
    store,
    warehouse,
    clock,
    signal,
    sleep: (milliseconds) => clock.sleep(milliseconds, signal),
    http({ perMinute, timeoutMs = 60_000 }) {
      const limiter = createRateLimiter({ perMinute, clock })
      return { send: createHttpClient({ fetch, clock, limiter, signal, timeoutMs }), limiter }
    },
    env: Object.fromEntries(variables.map((name) => [name, env[name]])),
    workObject: (name) => `${dirname(outputName)}/${name}`,
    jobId(purpose) {
      // Job ids are letters, digits, dashes and underscores
      // (https://docs.cloud.google.com/bigquery/docs/reference/rest/v2/JobReference).
      const { dag, task, runId, mapIndex, execution } = run
      const names = [dag, task, runId, String(mapIndex), `${execution}-${run.try}`, purpose]
      return names.map((part) => part.replaceAll(/[^A-Za-z0-9_-]/g, '-')).join('__')
    },
    loadId: `${run.runId}/${run.execution}`,
    skip(reason) {
      throw new StepSkip(reason)
    },
  }
}
