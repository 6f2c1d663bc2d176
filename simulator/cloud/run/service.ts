import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { checkLocation, resolveProject, type Place } from '../names.ts'
import { Operations, type Operation } from '../operations.ts'
import type { Ids } from '../ids.ts'
import { page } from '../paging.ts'
import type { Endpoint } from '../../connectors/exchange.ts'
import type { Identity } from '../identity/tokens.ts'
import type { CloudRequest, CloudService } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { Jobs, runOperation } from './jobs.ts'
import { knativeRoutes } from './knative.ts'
import { ProcessLedger } from './process-ledger.ts'
import { checkJobId, readJob, readRunRequest, type Job, type JobExecution } from './resource.ts'
import { JobRunner, type JobRunnerOptions } from './runner.ts'
import type { LocalServices } from './services/local-service.ts'
import { ServiceDirectory } from './services/directory.ts'
import { serviceRoutes } from './services/service-routes.ts'
import type { Service } from './services/service-resource.ts'
import { Services } from './services/services.ts'
import { JobStore } from './store.ts'

export interface RunServiceOptions extends Omit<JobRunnerOptions, 'maxProcesses' | 'ledger'> {
  /** `run/` of the state folder. */
  readonly dir: string
  readonly place: Place
  /** Steps that run at the same time. @default the machine's processors, at least 4 */
  readonly maxProcesses?: number
  /** Verifies the tokens of those who call services. */
  readonly identity: Pick<Identity, 'verify'>
  readonly ids: Ids
  /** Services that run on this machine, by address. */
  readonly services: LocalServices
}

export interface RunService extends CloudService {
  /** What answers at an address of a Cloud Run service, or null. */
  endpoint(url: URL): Endpoint | null
}

/** Cloud Run: Admin API v2, and of v1 what workflows call. https://cloud.google.com/run/docs/reference/rest */
export function createRunService(options: RunServiceOptions): RunService {
  const { clock, place } = options
  const maxProcesses = options.maxProcesses ?? Math.max(4, availableParallelism())
  const ledger = new ProcessLedger(join(options.dir, '.processes'))
  const store = new JobStore(options.dir, place)
  const jobs = new Jobs(clock, store, new JobRunner({ ...options, maxProcesses, ledger }), options.ids)
  const operations = new Operations()
  const services = new Services(join(options.dir, '.services'), clock, place, options.ids)
  const directory = new ServiceDirectory(services, {
    ...options,
    project: place.project,
    ledger,
    local: options.services,
  })

  const parentOf = ({ project, location }: { project: string; location: string }) =>
    `projects/${resolveProject(project, place)}/locations/${checkLocation(location)}`

  const finish = (name: string, type: string, resource: Job | JobExecution | Service): Operation => {
    const typed = { '@type': `type.googleapis.com/google.cloud.run.v2.${type}`, ...resource }
    const parent = name.split('/').slice(0, 4).join('/')
    return operations.add({
      name: `${parent}/operations/${options.ids.uuid(`${name} operation`)}`,
      metadata: typed,
      done: true,
      response: typed,
    })
  }

  const handleV2 = routes([
    {
      method: 'POST',
      path: '/v2/projects/{project}/locations/{location}/jobs',
      handle: (request, params) => {
        const id = request.query.get('jobId') ?? request.query.get('job_id') ?? ''
        checkJobId(id)
        const name = `${parentOf(params)}/jobs/${id}`
        const input = readJob(readJson(request))
        if (store.job(name) !== null) throw new ApiError(409, `Resource '${id}' already exists.`)
        return json(200, finish(name, 'Job', jobs.put(name, input, validateOnly(request))))
      },
    },
    {
      method: 'GET',
      path: '/v2/projects/{project}/locations/{location}/jobs',
      handle: (request, params) => {
        const { items, nextPageToken } = page(store.jobs(parentOf(params)), request, pages)
        return json(200, { jobs: items, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}',
      handle: (_request, params) => json(200, jobs.get(`${parentOf(params)}/jobs/${params.job}`)),
    },
    {
      method: 'PATCH',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}',
      handle: (request, params) => {
        checkJobId(params.job)
        const name = `${parentOf(params)}/jobs/${params.job}`
        const body = readJson(request)
        const input = readJob(body)
        const allowMissing = request.query.get('allowMissing') ?? request.query.get('allow_missing')
        if (allowMissing !== 'true' || store.job(name) !== null) jobs.checkEtag(name, etagOf(body))
        if (allowMissing !== 'true') jobs.get(name)
        return json(200, finish(name, 'Job', jobs.put(name, input, validateOnly(request))))
      },
    },
    {
      method: 'DELETE',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}',
      handle: async (request, params) => {
        const name = `${parentOf(params)}/jobs/${params.job}`
        jobs.checkEtag(name, request.query.get('etag'))
        const job = validateOnly(request) ? jobs.get(name) : await jobs.delete(name)
        return json(200, finish(name, 'Job', job))
      },
    },
    {
      method: 'POST',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}:run',
      handle: (request, params) => {
        const name = `${parentOf(params)}/jobs/${params.job}`
        const asked = readRunRequest(readJson(request))
        const execution = jobs.run(name, asked)
        return json(
          200,
          asked.validateOnly === true ? finish(name, 'Execution', execution) : runOperation(execution),
        )
      },
    },
    {
      method: 'GET',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}/executions',
      handle: (request, params) => {
        const found = store.executions(`${parentOf(params)}/jobs/${params.job}`)
        const { items, nextPageToken } = page(found, request, pages)
        return json(200, { executions: items, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}/executions/{execution}',
      handle: (_request, params) =>
        json(200, jobs.execution(`${parentOf(params)}/jobs/${params.job}/executions/${params.execution}`)),
    },
    {
      method: 'POST',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}/executions/{execution}:cancel',
      handle: async (_request, params) => {
        const name = `${parentOf(params)}/jobs/${params.job}/executions/${params.execution}`
        return json(200, finish(name, 'Execution', await jobs.cancel(name)))
      },
    },
    {
      method: 'DELETE',
      path: '/v2/projects/{project}/locations/{location}/jobs/{job}/executions/{execution}',
      handle: async (_request, params) => {
        const name = `${parentOf(params)}/jobs/${params.job}/executions/${params.execution}`
        return json(200, finish(name, 'Execution', await jobs.deleteExecution(name)))
      },
    },
    {
      method: 'GET',
      path: '/v2/projects/{project}/locations/{location}/operations/{operation}',
      handle: (_request, params) =>
        json(
          200,
          jobs.operation(params.operation) ??
            operations.get(`${parentOf(params)}/operations/${params.operation}`),
        ),
    },
  ])
  const handleV1 = knativeRoutes(jobs, services, directory, place)
  const handleServices = serviceRoutes(services, directory, place, finish)

  return {
    name: 'run',
    handle: async (request) =>
      (await handleV2(request)) ?? (await handleServices(request)) ?? (await handleV1(request)),
    endpoint: (url) => directory.find(url),
    close: async () => {
      await jobs.close()
      await directory.close()
    },
  }
}

const pages = { defaultSize: 100, maxSize: 1000, key: ({ name }: { readonly name: string }) => name }

function etagOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'etag' in body ? body.etag : undefined
}

function validateOnly(request: CloudRequest): boolean {
  return (request.query.get('validateOnly') ?? request.query.get('validate_only')) === 'true'
}
