import { checkLocation, resolveProject, type Place } from '../names.ts'
import type { CloudRequest } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import type { Jobs } from './jobs.ts'
import { executionToV1 } from './knative-execution.ts'
import { jobFromV1, jobToV1, serviceFromV1, serviceToV1 } from './knative-resource.ts'
import { checkJobId, readJob, readRunRequest } from './resource.ts'
import type { ServiceDirectory } from './services/directory.ts'
import { checkServiceId, readService } from './services/service-resource.ts'
import type { Services } from './services/services.ts'

const base = '/apis/run.googleapis.com/v1/namespaces/{namespace}'
const serving = '/apis/serving.knative.dev/v1/namespaces/{namespace}'

/**
 * Jobs, executions and services of the v1 (Knative) API, over the same resources as v2.
 * https://cloud.google.com/run/docs/reference/rest/v1/namespaces.jobs
 */
export function knativeRoutes(
  jobs: Jobs,
  services: Services,
  directory: ServiceDirectory,
  place: Place,
): ReturnType<typeof routes> {
  const parent = (namespace: string, request: CloudRequest) => {
    const location = request.query.get('location') ?? place.location
    return `projects/${resolveProject(namespace, place)}/locations/${checkLocation(location)}`
  }
  const executionName = (namespace: string, id: string, request: CloudRequest) =>
    // The service adds a hyphen and five characters to the job's name.
    `${parent(namespace, request)}/jobs/${id.slice(0, -6)}/executions/${id}`
  const list = (kind: string, items: readonly unknown[]) =>
    json(200, { apiVersion: 'run.googleapis.com/v1', kind: `${kind}List`, metadata: {}, items })
  const deleted = () => json(200, { status: 'Success' })

  const handleJobs = routes([
    {
      method: 'POST',
      path: `${base}/jobs`,
      handle: (request, { namespace }) => {
        const { id, message } = jobFromV1(readJson(request))
        checkJobId(id)
        const name = `${parent(namespace, request)}/jobs/${id}`
        if (jobs.exists(name)) throw new ApiError(409, `Resource '${id}' already exists.`)
        return json(200, jobToV1(jobs.put(name, readJob(message), isDryRun(request))))
      },
    },
    {
      method: 'GET',
      path: `${base}/jobs`,
      handle: (request, { namespace }) => list('Job', jobs.list(parent(namespace, request)).map(jobToV1)),
    },
    {
      method: 'GET',
      path: `${base}/jobs/{job}`,
      handle: (request, { namespace, job }) =>
        json(200, jobToV1(jobs.get(`${parent(namespace, request)}/jobs/${job}`))),
    },
    {
      method: 'PUT',
      path: `${base}/jobs/{job}`,
      handle: (request, { namespace, job }) => {
        const { name } = jobs.get(`${parent(namespace, request)}/jobs/${job}`)
        const { message } = jobFromV1(readJson(request))
        return json(200, jobToV1(jobs.put(name, readJob(message), isDryRun(request))))
      },
    },
    {
      method: 'DELETE',
      path: `${base}/jobs/{job}`,
      handle: async (request, { namespace, job }) => {
        await jobs.delete(`${parent(namespace, request)}/jobs/${job}`)
        return deleted()
      },
    },
    {
      method: 'POST',
      path: `${base}/jobs/{job}:run`,
      handle: (request, { namespace, job }) => {
        const { overrides, ...rest } = readJson(request)
        const asked = readRunRequest({
          ...rest,
          ...(overrides === undefined ? {} : { overrides: overridesFromV1(overrides) }),
        })
        return json(200, executionToV1(jobs.run(`${parent(namespace, request)}/jobs/${job}`, asked)))
      },
    },
    {
      method: 'GET',
      path: `${base}/executions`,
      handle: (request, { namespace }) =>
        list('Execution', jobs.executions(`${parent(namespace, request)}/jobs/-`).map(executionToV1)),
    },
    {
      method: 'GET',
      path: `${base}/executions/{execution}`,
      handle: (request, { namespace, execution }) =>
        json(200, executionToV1(jobs.execution(executionName(namespace, execution, request)))),
    },
    {
      method: 'POST',
      path: `${base}/executions/{execution}:cancel`,
      handle: async (request, { namespace, execution }) =>
        json(200, executionToV1(await jobs.cancel(executionName(namespace, execution, request)))),
    },
    {
      method: 'DELETE',
      path: `${base}/executions/{execution}`,
      handle: async (request, { namespace, execution }) => {
        await jobs.deleteExecution(executionName(namespace, execution, request))
        return deleted()
      },
    },
  ])

  const serviceName = (namespace: string, service: string, request: CloudRequest) =>
    `${parent(namespace, request)}/services/${service}`
  const handleServices = routes([
    {
      method: 'POST',
      path: `${serving}/services`,
      handle: (request, { namespace }) => {
        const { id, message } = serviceFromV1(readJson(request))
        checkServiceId(id)
        const name = serviceName(namespace, id, request)
        if (services.find(name) !== null) throw new ApiError(409, `Resource '${id}' already exists.`)
        return json(200, serviceToV1(services.put(name, readService(message), isDryRun(request))))
      },
    },
    {
      method: 'GET',
      path: `${serving}/services`,
      handle: (request, { namespace }) =>
        list('Service', services.list(parent(namespace, request)).map(serviceToV1)),
    },
    {
      method: 'GET',
      path: `${serving}/services/{service}`,
      handle: (request, { namespace, service }) =>
        json(200, serviceToV1(services.get(serviceName(namespace, service, request)))),
    },
    {
      method: 'PUT',
      path: `${serving}/services/{service}`,
      handle: (request, { namespace, service }) => {
        const { name } = services.get(serviceName(namespace, service, request))
        const { message } = serviceFromV1(readJson(request))
        return json(200, serviceToV1(services.put(name, readService(message), isDryRun(request))))
      },
    },
    {
      method: 'DELETE',
      path: `${serving}/services/{service}`,
      handle: async (request, { namespace, service }) => {
        const { name } = services.delete(serviceName(namespace, service, request))
        await directory.stop(name)
        return deleted()
      },
    },
  ])
  return async (request) => (await handleJobs(request)) ?? (await handleServices(request))
}

function isDryRun(request: CloudRequest): boolean {
  return request.query.get('dryRun') === 'all'
}

/** v1 has `timeoutSeconds` where v2 has `timeout`. */
function overridesFromV1(overrides: unknown): unknown {
  if (typeof overrides !== 'object' || overrides === null)
    throw new ApiError(400, "Invalid value at 'overrides'")
  const { timeoutSeconds, ...rest } = overrides as Readonly<Record<string, unknown>>
  if (timeoutSeconds === undefined) return rest
  const text = typeof timeoutSeconds === 'number' ? String(timeoutSeconds) : timeoutSeconds
  if (typeof text !== 'string' || !/^\d+$/.test(text))
    throw new ApiError(400, "Invalid value at 'overrides.timeoutSeconds'")
  return { ...rest, timeout: `${text}s` }
}
