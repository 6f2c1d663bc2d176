import { limits } from '../../../language/limits.ts'
import type { Clock } from '../../clock.ts'
import { compileFilter, compileOrder, type FieldResolver } from '../filter.ts'
import type { Ids } from '../ids.ts'
import { checkLocation, operationId, resolveProject, timestamp, type Place } from '../names.ts'
import { Operations, type Operation, type OperationError } from '../operations.ts'
import { page } from '../paging.ts'
import { queryParam } from '../query.ts'
import type { CloudService } from '../request.ts'
import { ApiError, json, readJson, routes, unimplemented } from '../routes.ts'
import {
  applyPatch,
  checkWorkflowId,
  needsRevision,
  nextRevisionId,
  serviceAccountName,
  readWorkflow,
  type Workflow,
  type WorkflowInput,
} from './resource.ts'
import { WorkflowStore, type WorkflowKey } from './store.ts'

export interface WorkflowsServiceOptions {
  /** `workflows/` of the state folder. */
  readonly dir: string
  readonly clock: Clock
  readonly place: Place
  readonly ids: Ids
  /** Workflows of one project, all regions together. @default Google's quota */
  readonly quota?: number
  /** The message of a source that cannot be deployed, or null. */
  checkSource(source: string): string | null
  /** A deleted workflow takes its executions with it. */
  onDelete(key: WorkflowKey): Promise<void>
}

export interface WorkflowsService extends CloudService {
  /** The latest revision, or null. */
  find(key: WorkflowKey): Workflow | null
}

/** Workflows API v1. https://cloud.google.com/workflows/docs/reference/rest */
export function createWorkflowsService(options: WorkflowsServiceOptions): WorkflowsService {
  const { clock, place } = options
  const store = new WorkflowStore(options.dir, place)
  const operations = new Operations()

  /** https://cloud.google.com/workflows/quotas#resource_limit */
  const checkQuota = (project: string): void => {
    const quota = options.quota ?? limits.workflows.value
    if (store.count(project) < quota) return
    throw new ApiError(429, `The quota of ${quota} workflows of project "${project}" is exhausted.`)
  }

  const keyOf = (params: { project: string; location: string; workflow: string }): WorkflowKey => ({
    project: resolveProject(params.project, place),
    location: checkLocation(params.location),
    id: params.workflow,
  })

  const existing = (key: WorkflowKey): Workflow => {
    const workflow = store.get(key)
    if (workflow === null) throw new ApiError(404, `Workflow "${nameOf(key)}" not found`)
    return workflow
  }

  const finish = (key: WorkflowKey, verb: string, outcome: Outcome): Operation => {
    const now = clock.now()
    return operations.add({
      name: `projects/${key.project}/locations/${key.location}/operations/${operationId(now, options.ids, nameOf(key))}`,
      metadata: {
        '@type': 'type.googleapis.com/google.cloud.workflows.v1.OperationMetadata',
        createTime: timestamp(now),
        endTime: timestamp(now),
        target: nameOf(key),
        verb,
        apiVersion: 'v1',
      },
      done: true,
      ...outcome,
    })
  }

  const deploy = (
    key: WorkflowKey,
    verb: string,
    current: Workflow | null,
    input: WorkflowInput,
  ): Operation => {
    const problem = options.checkSource(input.sourceContents ?? '')
    if (problem !== null) return finish(key, verb, { error: { code: INVALID_ARGUMENT, message: problem } })
    const workflow = nextState(key, current, input, timestamp(clock.now()), options.ids)
    store.put(key, workflow)
    return finish(key, verb, {
      response: { '@type': 'type.googleapis.com/google.cloud.workflows.v1.Workflow', ...workflow },
    })
  }

  const handle = routes([
    {
      method: 'POST',
      path: '/v1/projects/{project}/locations/{location}/workflows',
      query: ['workflowId'],
      handle: (request, { project, location }) => {
        const id = queryParam(request, 'workflowId')
        checkWorkflowId(id)
        const key = keyOf({ project, location, workflow: id })
        const input = readWorkflow(readJson(request))
        if (store.get(key) !== null) {
          const message = `workflow "${nameOf(key)}" already exists`
          return json(200, finish(key, 'create', { error: { code: ALREADY_EXISTS, message } }))
        }
        checkQuota(key.project)
        return json(200, deploy(key, 'create', null, input))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows',
      query: ['pageSize', 'pageToken', 'filter', 'orderBy'],
      handle: (request, { project, location }) => {
        const found = store
          .list(resolveProject(project, place), location === '-' ? null : checkLocation(location))
          .filter(compileFilter(queryParam(request, 'filter'), workflowField))
          .toSorted(compileOrder(queryParam(request, 'orderBy'), workflowField))
        const { items, nextPageToken } = page(found, request, {
          defaultSize: 500,
          maxSize: 1000,
          key: (one) => one.name,
        })
        return json(200, { workflows: items, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}',
      query: ['revisionId'],
      handle: (request, params) => {
        const key = keyOf(params)
        const current = existing(key)
        const wanted = queryParam(request, 'revisionId')
        if (wanted === '') return json(200, current)
        const revision = store.revisions(key).find((one) => one.revisionId === wanted)
        if (revision === undefined)
          throw new ApiError(404, `Revision "${wanted}" of "${nameOf(key)}" not found`)
        return json(200, revision)
      },
    },
    {
      method: 'PATCH',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}',
      query: ['updateMask'],
      handle: (request, params) => {
        const key = keyOf(params)
        const current = existing(key)
        const mask = queryParam(request, 'updateMask')
        return json(
          200,
          deploy(key, 'update', current, applyPatch(current, readWorkflow(readJson(request)), mask)),
        )
      },
    },
    {
      method: 'DELETE',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}',
      query: [],
      handle: async (_request, params) => {
        const key = keyOf(params)
        existing(key)
        await options.onDelete(key)
        store.delete(key)
        return json(
          200,
          finish(key, 'delete', { response: { '@type': 'type.googleapis.com/google.protobuf.Empty' } }),
        )
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/workflows/{workflow}:listRevisions',
      query: ['pageSize', 'pageToken'],
      handle: (request, params) => {
        const key = keyOf(params)
        existing(key)
        const { items, nextPageToken } = page(store.revisions(key).toReversed(), request, {
          defaultSize: 20,
          maxSize: 100,
          key: (one) => one.revisionId,
        })
        return json(200, { workflows: items, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/operations/{operation}',
      query: [],
      handle: (_request, params) => json(200, operations.get(operationName(params, place))),
    },
    {
      method: 'DELETE',
      path: '/v1/projects/{project}/locations/{location}/operations/{operation}',
      query: [],
      handle: (_request, params) => {
        operations.delete(operationName(params, place))
        return json(200, {})
      },
    },
    // Clients can ask for these; of operations that are done at once, the service has neither.
    {
      method: 'POST',
      path: '/v1/projects/{project}/locations/{location}/operations/{operation}:cancel',
      handle: unimplemented,
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/locations/{location}/operations/{operation}:wait',
      handle: unimplemented,
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}/operations',
      query: ['pageSize', 'pageToken', 'filter', 'returnPartialSuccess'],
      handle: (request, { project, location }) => {
        const found = operations.list(`projects/${resolveProject(project, place)}/locations/${location}`)
        const { items, nextPageToken } = page(found, request, {
          defaultSize: 100,
          maxSize: 1000,
          key: (one) => one.name,
        })
        return json(200, { operations: items, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations',
      query: ['pageSize', 'pageToken', 'filter', 'extraLocationTypes'],
      handle: (_request, { project }) => json(200, { locations: [locationOf(project, place.location)] }),
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/locations/{location}',
      query: [],
      handle: (_request, { project, location }) => json(200, locationOf(project, location)),
    },
  ])

  return { name: 'workflows', handle, find: (key) => store.get(key), close: () => Promise.resolve() }
}

/** Canonical codes: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const INVALID_ARGUMENT = 3
const ALREADY_EXISTS = 6

type Outcome = { readonly response: Readonly<Record<string, unknown>> } | { readonly error: OperationError }

/** The workflow's full name. */
export function nameOf(key: WorkflowKey): string {
  return `projects/${key.project}/locations/${key.location}/workflows/${key.id}`
}

function nextState(
  key: WorkflowKey,
  current: Workflow | null,
  input: WorkflowInput,
  now: string,
  ids: Ids,
): Workflow {
  const accountable = { ...input, serviceAccount: serviceAccountName(input.serviceAccount, key.project) }
  const fresh = current === null || needsRevision(current, accountable)
  return {
    ...accountable,
    name: nameOf(key),
    state: 'ACTIVE',
    revisionId: fresh
      ? nextRevisionId(current?.revisionId ?? null, ids.hex(`${nameOf(key)} revision`, 3))
      : current.revisionId,
    createTime: current?.createTime ?? now,
    updateTime: now,
    revisionCreateTime: fresh ? now : current.revisionCreateTime,
  }
}

const workflowField: FieldResolver<Workflow> = (path) => {
  const [first, second] = path
  switch (first) {
    case 'name':
    case 'description':
    case 'state':
    case 'revisionId':
      return { type: 'string', get: (workflow) => workflow[first] }
    case 'createTime':
    case 'updateTime':
      return { type: 'time', get: (workflow) => Date.parse(workflow[first]) }
    case 'labels':
      return second === undefined ? null : { type: 'string', get: (workflow) => workflow.labels?.[second] }
    default:
      return null
  }
}

function operationName(
  params: { project: string; location: string; operation: string },
  place: Place,
): string {
  return `projects/${resolveProject(params.project, place)}/locations/${params.location}/operations/${params.operation}`
}

function locationOf(project: string, location: string): Readonly<Record<string, string>> {
  return { name: `projects/${project}/locations/${location}`, locationId: location }
}
