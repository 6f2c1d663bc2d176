import { checkLocation, resolveProject, type Place } from '../../names.ts'
import type { Operation } from '../../operations.ts'
import { page } from '../../paging.ts'
import type { CloudRequest, CloudResponse } from '../../request.ts'
import { ApiError, json, readJson, routes } from '../../routes.ts'
import type { ServiceDirectory } from './directory.ts'
import { checkServiceId, readService, type Service } from './service-resource.ts'
import type { Services } from './services.ts'

/**
 * Services of the Admin API v2. What a service runs is found by its image, as for jobs.
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export function serviceRoutes(
  services: Services,
  directory: ServiceDirectory,
  place: Place,
  finish: (name: string, type: string, resource: Service) => Operation,
): (request: CloudRequest) => Promise<CloudResponse | null> {
  const parentOf = ({ project, location }: { project: string; location: string }) =>
    `projects/${resolveProject(project, place)}/locations/${checkLocation(location)}`
  const nameOf = (params: { project: string; location: string; service: string }) =>
    `${parentOf(params)}/services/${params.service}`
  const done = (service: Service) => json(200, finish(service.name, 'Service', service))

  return routes([
    {
      method: 'POST',
      path: '/v2/projects/{project}/locations/{location}/services',
      handle: (request, params) => {
        const id = request.query.get('serviceId') ?? request.query.get('service_id') ?? ''
        checkServiceId(id)
        const name = `${parentOf(params)}/services/${id}`
        const input = readService(readJson(request))
        if (services.find(name) !== null) throw new ApiError(409, `Resource '${id}' already exists.`)
        return done(services.put(name, input, isDryRun(request)))
      },
    },
    {
      method: 'GET',
      path: '/v2/projects/{project}/locations/{location}/services',
      handle: (request, params) => {
        const { items, nextPageToken } = page(services.list(parentOf(params)), request, {
          defaultSize: 100,
          maxSize: 1000,
          key: ({ name }) => name,
        })
        return json(200, { services: items, nextPageToken })
      },
    },
    {
      method: 'GET',
      path: '/v2/projects/{project}/locations/{location}/services/{service}',
      handle: (_request, params) => json(200, services.get(nameOf(params))),
    },
    {
      method: 'PATCH',
      path: '/v2/projects/{project}/locations/{location}/services/{service}',
      handle: (request, params) => {
        checkServiceId(params.service)
        const name = nameOf(params)
        const input = readService(readJson(request))
        const allowMissing = request.query.get('allowMissing') ?? request.query.get('allow_missing')
        if (allowMissing !== 'true') services.get(name)
        return done(services.put(name, input, isDryRun(request)))
      },
    },
    {
      method: 'DELETE',
      path: '/v2/projects/{project}/locations/{location}/services/{service}',
      handle: async (request, params) => {
        const name = nameOf(params)
        if (isDryRun(request)) return done(services.get(name))
        const service = services.delete(name)
        await directory.stop(name)
        return done(service)
      },
    },
  ])
}

function isDryRun(request: CloudRequest): boolean {
  return (request.query.get('validateOnly') ?? request.query.get('validate_only')) === 'true'
}
