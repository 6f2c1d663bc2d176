import { z } from 'zod'
import { readJsonFile, writeJson } from '../files.ts'
import type { CloudRequest } from '../request.ts'
import { ApiError, json, routes } from '../routes.ts'
import { parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { etagOf } from './job.ts'
import { notFound } from './problem.ts'

const policyBody = z.strictObject({
  policy: z.strictObject({
    kind: z.unknown().optional(),
    version: z.number().optional(),
    etag: z.string().optional(),
    bindings: z
      .array(
        z.strictObject({
          role: z.string(),
          members: z.array(z.string()).optional(),
          condition: z.looseObject({}).nullish(),
        }),
      )
      .optional(),
    auditConfigs: z.array(z.unknown()).optional(),
  }),
  updateMask: z.string().optional(),
})

const testBody = z.strictObject({ permissions: z.array(z.string()) })

type Policy = z.output<typeof policyBody>['policy']

interface Kept {
  /** Tells a resource from a later one of the same name. */
  readonly createdAt: number
  readonly policy: Policy
}

/** What has a policy: its name among all, and when it was made. */
interface Resource {
  readonly key: string
  readonly createdAt: number
}

/**
 * Policies of datasets, tables and routines, which are kept in a file and forbid nothing: there are no identities to
 * tell apart.
 * https://cloud.google.com/bigquery/docs/reference/rest/v2/tables/setIamPolicy
 */
export function iamRoutes({ project, warehouse, clock }: BigQueryContext, path: string) {
  const policies = new Map(Object.entries((readJsonFile(path) ?? {}) as Record<string, Kept>))
  const table = async (params: { readonly dataset: string; readonly table: string }): Promise<Resource> => {
    const found = await warehouse.getTable(params, clock.now())
    if (found === null) throw notFound(`Table ${project}:${params.dataset}.${params.table}`)
    return { key: `tables/${params.dataset}.${params.table}`, createdAt: found.createdAt }
  }
  const routine = async (params: {
    readonly dataset: string
    readonly routine: string
  }): Promise<Resource> => {
    const found = await warehouse.getRoutine(params.dataset, params.routine)
    if (found === null) throw notFound(`Routine ${project}:${params.dataset}.${params.routine}`)
    return { key: `routines/${params.dataset}.${params.routine}`, createdAt: found.createdAt }
  }
  const dataset = async (params: { readonly dataset: string }): Promise<Resource> => {
    const found = await warehouse.getDataset(params.dataset)
    if (found === null) throw notFound(`Dataset ${project}:${params.dataset}`)
    return { key: `datasets/${params.dataset}`, createdAt: found.createdAt }
  }
  const current = ({ key, createdAt }: Resource): Policy => {
    const kept = policies.get(key)
    const policy = kept?.createdAt === createdAt ? kept.policy : { version: 1 }
    return { ...policy, etag: etagOf(policy) }
  }
  const get = (resource: Resource) => json(200, current(resource))
  const set = (resource: Resource, request: CloudRequest) => {
    const { policy } = parseBody(policyBody, request)
    const { etag, kind: _kind, ...rest } = policy
    if (etag !== undefined && etag !== '' && etag !== current(resource).etag)
      throw new ApiError(
        409,
        'There were concurrent policy changes. Please retry the whole read-modify-write.',
      )
    policies.set(resource.key, { createdAt: resource.createdAt, policy: { version: 1, ...rest } })
    writeJson(path, Object.fromEntries(policies))
    return json(200, current(resource))
  }
  const test = (request: CloudRequest) => json(200, { permissions: parseBody(testBody, request).permissions })
  const datasets = '/projects/{project}/datasets/{dataset}'
  const tables = '/projects/{project}/datasets/{dataset}/tables/{table}'
  const routines = '/projects/{project}/datasets/{dataset}/routines/{routine}'
  return routes([
    {
      method: 'POST',
      path: `${datasets}:getIamPolicy`,
      handle: async (_, params) => get(await dataset(params)),
    },
    {
      method: 'POST',
      path: `${datasets}:setIamPolicy`,
      handle: async (request, params) => set(await dataset(params), request),
    },
    {
      method: 'POST',
      path: `${tables}:getIamPolicy`,
      handle: async (_, params) => get(await table(params)),
    },
    {
      method: 'POST',
      path: `${tables}:setIamPolicy`,
      handle: async (request, params) => set(await table(params), request),
    },
    {
      method: 'POST',
      path: `${tables}:testIamPermissions`,
      handle: async (request, params) => (await table(params), test(request)),
    },
    {
      method: 'POST',
      path: `${routines}:getIamPolicy`,
      handle: async (_, params) => get(await routine(params)),
    },
    {
      method: 'POST',
      path: `${routines}:setIamPolicy`,
      handle: async (request, params) => set(await routine(params), request),
    },
    {
      method: 'POST',
      path: `${routines}:testIamPermissions`,
      handle: async (request, params) => (await routine(params), test(request)),
    },
  ])
}
