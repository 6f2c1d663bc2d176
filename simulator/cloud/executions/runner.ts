import type { Clock } from '../../clock.ts'
import type { Readings } from '../../engine/readings.ts'
import type { CompiledWorkflow, Execution, ExecutionOutcome } from '../../engine/execution.ts'
import type { HistorySink, StepEntry } from '../../engine/history.ts'
import type { CallEvent, Connector, EngineHost } from '../../engine/host.ts'
import { parseJson } from '../../engine/json.ts'
import type { Ids } from '../ids.ts'
import { projectNumber } from '../names.ts'
import { nameOf } from '../workflows/service.ts'
import type { Workflow } from '../workflows/resource.ts'
import type { WorkflowKey } from '../workflows/store.ts'
import { Callbacks } from './callbacks.ts'
import { HistoryFile } from './history.ts'
import { callLogRecord, isLogged, sysLogRecord, systemLogRecord, type FiledRecord } from './log.ts'
import { finished, type CurrentStep, type ExecutionResource } from './resource.ts'
import { idOf } from './store.ts'

/** What happens to executions, for followers in the same process. */
export type ExecutionEvent =
  | { readonly kind: 'execution_started'; readonly execution: ExecutionResource }
  /** `entry` is alive: read it at once, do not keep it. */
  | { readonly kind: 'step_started' | 'step_ended'; readonly execution: string; readonly entry: StepEntry }
  | {
      readonly kind: 'execution_ended'
      readonly execution: ExecutionResource
      readonly billedSteps: number
    }

export interface RunnerOptions {
  readonly clock: Clock
  /** Compiles a deployed source. */
  compile(source: string): CompiledWorkflow
  /** Connectors of a workflow in this project and region. */
  connectors(project: string, location: string): (name: string) => Connector | null
  readonly http: EngineHost['http']
  readonly log: (entry: FiledRecord) => void
  readonly ids: Ids
  readonly seed?: number
  readonly readings?: Partial<Readings>
  /** Root URL of the server, for callback endpoints. */
  readonly rootUrl: () => string
  readonly onEvent?: (event: ExecutionEvent) => void
}

/** An execution that runs now. */
export interface Running {
  /** Resolves with the finished resource, once it is stored. */
  readonly done: Promise<ExecutionResource>
  currentSteps(): readonly CurrentStep[]
  flushHistory(): void
  readonly callbacks: Callbacks
  cancel(): void
}

export interface Start {
  readonly key: WorkflowKey
  readonly workflow: Workflow
  readonly execution: ExecutionResource
  readonly stepsFile: string
  /** Stores the finished resource. */
  save(execution: ExecutionResource): void
}

/** Runs executions on the engine; compiles every revision once. */
export class Runner {
  readonly #options: RunnerOptions
  /** By revision: the store hands out the same object until there is a new one. */
  readonly #compiled = new WeakMap<Workflow, CompiledWorkflow>()

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  start(start: Start): Running {
    const { execution } = start
    const { clock, log, onEvent } = this.#options
    const history = new HistoryFile(start.stepsFile)
    const abort = new AbortController()
    const callbacks = new Callbacks(execution.name, clock, this.#options.rootUrl, this.#options.ids)
    onEvent?.({ kind: 'execution_started', execution })
    log(systemLogRecord(execution, clock.now()))
    const running = this.#execute(start, this.#sink(history, execution.name), callbacks, abort.signal)
    const currentSteps = () => {
      const now = running.currentSteps()
      if (now.length > 0 || history.last === null) return now
      return [{ routine: history.last.routine, step: history.last.step }]
    }
    const done = running.outcome.then((outcome) => {
      history.close()
      const end = finished(execution, outcome, clock.now(), currentSteps())
      start.save(end)
      log(systemLogRecord(end, clock.now()))
      onEvent?.({ kind: 'execution_ended', execution: end, billedSteps: running.billedSteps() })
      return end
    })
    return {
      done,
      currentSteps,
      callbacks,
      flushHistory: () => history.flush(),
      cancel: () => abort.abort(new Error('the execution was cancelled')),
    }
  }

  #execute(
    { key, workflow, execution }: Start,
    history: HistorySink,
    callbacks: Callbacks,
    signal: AbortSignal,
  ): Execution {
    const { clock, http, log, seed, readings } = this.#options
    const level = execution.callLogLevel
    const environment = environmentOf(key, workflow, execution)
    const argument = execution.argument ?? ''
    try {
      return this.#compile(workflow).execute({
        host: {
          clock,
          http,
          callbacks,
          connector: this.#options.connectors(key.project, key.location),
          environment: (name) => environment.get(name) ?? null,
          log: (entry) => log(sysLogRecord(entry, execution, clock.now())),
          ...(level === 'LOG_ALL_CALLS' || level === 'LOG_ERRORS_ONLY'
            ? {
                logCall: (event: CallEvent) => {
                  if (isLogged(event, level)) log(callLogRecord(event, execution, clock.now()))
                },
              }
            : {}),
        },
        argument: argument === '' ? null : parseJson(argument),
        history,
        historyLevel: execution.executionHistoryLevel === 'EXECUTION_HISTORY_DETAILED' ? 'detailed' : 'basic',
        ...(seed === undefined ? {} : { seed }),
        ...(readings === undefined ? {} : { readings }),
        signal,
      })
    } catch (error) {
      return broken(error)
    }
  }

  #compile(workflow: Workflow): CompiledWorkflow {
    const known = this.#compiled.get(workflow)
    if (known !== undefined) return known
    const compiled = this.#options.compile(workflow.sourceContents ?? '')
    this.#compiled.set(workflow, compiled)
    return compiled
  }

  #sink(file: HistoryFile, execution: string): HistorySink {
    const { onEvent } = this.#options
    if (onEvent === undefined) return file
    return {
      get full() {
        return file.full
      },
      started: (entry) => {
        file.started(entry)
        onEvent({ kind: 'step_started', execution, entry })
      },
      ended: (entry) => {
        file.ended(entry)
        onEvent({ kind: 'step_ended', execution, entry })
      },
    }
  }
}

/** https://cloud.google.com/workflows/docs/reference/environment-variables */
function environmentOf(
  key: WorkflowKey,
  workflow: Workflow,
  execution: ExecutionResource,
): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(workflow.userEnvVars ?? {}),
    ['GOOGLE_CLOUD_LOCATION', key.location],
    ['GOOGLE_CLOUD_PROJECT_ID', key.project],
    ['GOOGLE_CLOUD_PROJECT_NUMBER', projectNumber(key.project)],
    ['GOOGLE_CLOUD_SERVICE_ACCOUNT_NAME', workflow.serviceAccount?.split('/').at(-1) ?? defaultAccount(key)],
    ['GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID', idOf(execution)],
    ['GOOGLE_CLOUD_WORKFLOW_ID', nameOf(key).split('/').at(-1) ?? ''],
    ['GOOGLE_CLOUD_WORKFLOW_REVISION_ID', workflow.revisionId],
  ])
}

/** Who a workflow is that names no account. https://cloud.google.com/workflows/docs/authentication */
function defaultAccount({ project }: WorkflowKey): string {
  return `${projectNumber(project)}-compute@developer.gserviceaccount.com`
}

/** A revision that was valid when it was deployed and is not any more, e.g. by another version of the emulator. */
function broken(error: unknown): Execution {
  const message = `The source cannot be run: ${error instanceof Error ? error.message : String(error)}`
  const payload = JSON.stringify({ message, tags: ['SystemError'] })
  const outcome: ExecutionOutcome = { state: 'FAILED', error: { payload, context: message, stackTrace: [] } }
  return {
    outcome: Promise.resolve(outcome),
    currentSteps: () => [],
    billedSteps: () => 0,
    peakMemory: () => 0,
  }
}
