import type { Clock } from '../../clock.ts'
import { compileFilter, compileOrder } from '../filter.ts'
import { removeTree } from '../files.ts'
import { checkLocation, resolveProject, timestamp, type Place } from '../names.ts'
import { page } from '../paging.ts'
import { queryParam } from '../query.ts'
import type { CloudRequest, CloudResponse, CloudService } from '../request.ts'
import { ApiError, apiError, json, readJson, routes, unimplemented } from '../routes.ts'
import type { Workflow } from '../workflows/resource.ts'
import { nameOf } from '../workflows/service.ts'
import type { WorkflowKey } from '../workflows/store.ts'
import { Backlog, standardQuota, type ExecutionQuota } from './backlog.ts'
import { HistoryReader } from './history.ts'
import {
  executionField,
  executionOrder,
  interrupted,
  parseView,
  readExecution,
  withdrawn,
  showExecution,
  type ExecutionInput,
  type ExecutionResource,
} from './resource.ts'
import { Runner, type Running, type RunnerOptions } from './runner.ts'
import { getStep, listSteps } from './steps.ts'
import { ExecutionStore, idOf } from './store.ts'

export interface ExecutionsServiceOptions extends RunnerOptions {
  /** `executions/` of the state folder. */
  readonly dir: string
  readonly clock: Clock
  readonly place: Place
  /** Executions of one project and region. @default Google's quota */
  readonly quota?: ExecutionQuota
  /** How long executions are kept after their end, on the clock. @default Google's 90 days */
  readonly retentionDays?: number
  /** The latest revision of a workflow, or null. */
  findWorkflow(key: WorkflowKey): Workflow | null
}

export interface ExecutionsService extends CloudService {
  /** Cancels what runs and forgets all executions of a workflow. */
  forget(key: WorkflowKey): Promise<void>
}

type Params = { readonly project: string; readonly location: string; readonly workflow: string }

/** Workflow Executions API v1. https://cloud.google.com/workflows/docs/reference/executions/rest */
export function createExecutionsService(options: ExecutionsServiceOptions): ExecutionsService {
  const { clock, place } = options
  const store = new ExecutionStore(options.dir, place, clock, options.retentionDays)
  const runner = new Runner(options)
  const histories = new HistoryReader()
  let closing = false
  /** By execution name. */
  const running = new Map<string, Running>()

  const keyOf = ({ project, location, workflow }: Params): WorkflowKey => ({
    project: resolveProject(project, place),
    location: checkLocation(location),
    id: workflow,
  })

  const workflowOf = (key: WorkflowKey): Workflow => {
    const workflow = options.findWorkflow(key)
    if (workflow === null) throw new ApiError(404, `Workflow "${nameOf(key)}" not found`)
    return workflow
  }

  /** With the steps that run now. */
  const existing = (key: WorkflowKey, id: string): ExecutionResource => {
    const execution = store.get(key, id)
    if (execution === null) throw new ApiError(404, `Execution "${nameOf(key)}/executions/${id}" not found`)
    const live = running.get(execution.name)
    return live === undefined ? execution : { ...execution, status: { currentSteps: live.currentSteps() } }
  }

  /** Seeded ids begin anew with every process, so what the state folder holds already is passed over. */
  const newName = (key: WorkflowKey): string => {
    for (;;) {
      const id = options.ids.uuid(nameOf(key))
      if (store.get(key, id) === null) return `${nameOf(key)}/executions/${id}`
    }
  }

  const backlogs = new Map<string, Backlog>()
  const backlogOf = ({ project, location }: WorkflowKey): Backlog => {
    const region = `${project}/${location}`
    const backlog = backlogs.get(region) ?? new Backlog(options.quota ?? standardQuota)
    backlogs.set(region, backlog)
    return backlog
  }

  const create = (key: WorkflowKey, workflow: Workflow, input: ExecutionInput): ExecutionResource => {
    const backlog = backlogOf(key)
    const starts = backlog.admits(input.disableConcurrencyQuotaOverflowBuffering !== true)
    const now = timestamp(clock.now())
    const execution = newExecution(newName(key), workflow, input, now, starts)
    store.put(key, execution)
    backlog.enter(execution.name, () => {
      if (starts) return start(key, workflow, execution)
      const started = { ...execution, state: 'ACTIVE', startTime: timestamp(clock.now()) } as const
      store.put(key, started)
      start(key, workflow, started)
    })
    return execution
  }

  const start = (key: WorkflowKey, workflow: Workflow, execution: ExecutionResource): void => {
    const live = runner.start({
      key,
      workflow,
      execution,
      stepsFile: store.stepsFile(key, idOf(execution)),
      save: (end) => {
        running.delete(end.name)
        // A deleted workflow's executions are gone for good.
        if (store.get(key, idOf(end)) !== null) {
          store.put(key, closing ? interrupted(execution, clock.now()) : end)
        }
        if (!closing) backlogOf(key).leave()
      },
    })
    running.set(execution.name, live)
  }

  const history = (params: Params & { readonly execution: string }) => {
    const key = keyOf(params)
    const execution = existing(key, params.execution)
    running.get(execution.name)?.flushHistory()
    return { name: execution.name, steps: histories.read(store.stepsFile(key, params.execution)) }
  }

  const stop = async (names: readonly string[]): Promise<void> => {
    const stopping = names.flatMap((name) => running.get(name) ?? [])
    for (const live of stopping) live.cancel()
    await Promise.all(stopping.map((live) => live.done))
  }

  const handle = routes([
    {
      method: 'POST',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions',
      query: [],
      handle: (request, params) => {
        const key = keyOf(params)
        const workflow = workflowOf(key)
        return json(200, create(key, workflow, readExecution(readJson(request))))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions',
      query: ['pageSize', 'pageToken', 'view', 'filter', 'orderBy'],
      handle: (request, params) => {
        const key = keyOf(params)
        workflowOf(key)
        const view = parseView(queryParam(request, 'view'), 'BASIC')
        const found = store.list(key).filter(compileFilter(queryParam(request, 'filter'), executionField))
        const order = queryParam(request, 'orderBy')
        const sorted = order === '' ? found : found.toSorted(compileOrder(order, executionOrder))
        const { items, nextPageToken } = page(sorted, request, {
          defaultSize: 100,
          maxSize: view === 'FULL' ? 100 : 1000,
          key: (one) => one.name,
        })
        const executions = items.map((one) => showExecution(existing(key, idOf(one)), view))
        return json(200, { executions, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}',
      query: ['view'],
      handle: (request, params) =>
        json(
          200,
          showExecution(
            existing(keyOf(params), params.execution),
            parseView(queryParam(request, 'view'), 'FULL'),
          ),
        ),
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}:cancel',
      query: [],
      handle: async (request, params) => {
        readEmpty(request)
        const key = keyOf(params)
        const execution = existing(key, params.execution)
        if (backlogOf(key).withdraw(execution.name)) {
          const cancelled = withdrawn(execution, clock.now())
          store.put(key, cancelled)
          return json(200, cancelled)
        }
        const live = running.get(execution.name)
        if (live === undefined) {
          throw new ApiError(
            400,
            `Execution "${execution.name}" is ${execution.state} and cannot be cancelled`,
            {
              status: 'FAILED_PRECONDITION',
              reason: 'failedPrecondition',
            },
          )
        }
        live.cancel()
        return json(200, await live.done)
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}:exportData',
      query: [],
      handle: (_request, params) => {
        const execution = existing(keyOf(params), params.execution)
        return json(200, { data: JSON.stringify(execution) })
      },
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}:deleteExecutionHistory',
      query: [],
      handle: (request, params) => {
        readEmpty(request)
        const key = keyOf(params)
        const execution = existing(key, params.execution)
        if (running.has(execution.name)) {
          throw new ApiError(400, `Execution "${execution.name}" is still running`, {
            status: 'FAILED_PRECONDITION',
            reason: 'failedPrecondition',
          })
        }
        removeTree(store.stepsFile(key, params.execution))
        return json(200, {})
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}/callbacks',
      query: ['pageSize', 'pageToken'],
      handle: (request, params) => {
        const execution = existing(keyOf(params), params.execution)
        const callbacks = running.get(execution.name)?.callbacks.list() ?? []
        const { items, nextPageToken } = page(callbacks, request, {
          defaultSize: 100,
          maxSize: 100,
          key: (one) => String(one['name']),
        })
        return json(200, { callbacks: items, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}/stepEntries',
      query: ['pageSize', 'pageToken', 'skip', 'filter', 'orderBy', 'view'],
      handle: (request, params) => {
        const { name, steps } = history(params)
        return listSteps(steps, name, request)
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}/stepEntries/{entry}',
      query: ['view'],
      handle: (_request, params) => {
        const { name, steps } = history(params)
        return getStep(steps, name, params.entry)
      },
    },
    // Eventarc alone sends this, with an event of its own making: nothing here could make the same one.
    {
      method: 'POST',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}:triggerPubsubExecution',
      handle: unimplemented,
    },
  ])

  /** Callback endpoints take any method. */
  const deliver = (request: CloudRequest): CloudResponse | null => {
    const match = /^\/v1\/(projects\/.+\/executions\/[^/]+)\/callbacks\/[^/]+$/.exec(request.path)
    const execution = match?.[1]
    if (execution === undefined) return null
    const live = running.get(execution)
    if (live === undefined) return apiError(404, `Execution "${execution}" is not running`)
    try {
      live.callbacks.deliver(request.path.slice('/v1/'.length), request)
      return json(200, {})
    } catch (error) {
      if (error instanceof ApiError) return apiError(error.status, error.message, error.detail)
      throw error
    }
  }

  return {
    name: 'workflow executions',
    handle: async (request) => (await handle(request)) ?? deliver(request),
    forget: async (key) => {
      const names = store.list(key).map((execution) => execution.name)
      for (const name of names) backlogOf(key).withdraw(name)
      await stop(names)
      store.deleteAll(key)
    },
    close: async () => {
      closing = true
      await stop([...running.keys()])
    },
  }
}

/** Requests without fields; throws `ApiError` 400 for any. */
function readEmpty(request: CloudRequest): void {
  const [unknown] = Object.keys(readJson(request))
  if (unknown === undefined) return
  const message = `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`
  throw new ApiError(400, message, { violations: [{ description: message }] })
}

/** Labels and levels come from the workflow where the execution does not set its own. */
function newExecution(
  name: string,
  workflow: Workflow,
  input: ExecutionInput,
  now: string,
  starts: boolean,
): ExecutionResource {
  return {
    ...(workflow.callLogLevel === undefined ? {} : { callLogLevel: workflow.callLogLevel }),
    ...(workflow.executionHistoryLevel === undefined
      ? {}
      : { executionHistoryLevel: workflow.executionHistoryLevel }),
    ...input,
    name,
    createTime: now,
    ...(starts ? { startTime: now } : {}),
    state: starts ? 'ACTIVE' : 'QUEUED',
    workflowRevisionId: workflow.revisionId,
    labels: { ...workflow.labels, ...input.labels },
  }
}
