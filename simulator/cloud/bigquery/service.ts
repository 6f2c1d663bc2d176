import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { WarehouseError, type Warehouse } from '../../warehouse/warehouse.ts'
import type { CloudRequest, CloudResponse, CloudService } from '../request.ts'
import { apiError, json } from '../routes.ts'
import type { StorageService } from '../storage/index.ts'
import { SessionStore } from '../storage/sessions.ts'
import type { BigQueryContext } from './context.ts'
import { dataRoutes } from './data-routes.ts'
import { DatasetNotes } from './dataset-notes.ts'
import { datasetRoutes } from './dataset-routes.ts'
import { discoveryDocument } from './discovery.ts'
import { iamRoutes } from './iam-routes.ts'
import { jobRoutes } from './job-routes.ts'
import { JobStore } from './job-store.ts'
import { problemOf, refusal } from './problem.ts'
import { modelRoutes } from './model-routes.ts'
import { projectRoutes } from './project-routes.ts'
import { withResultTables } from './result-tables.ts'
import { queryRoutes } from './query-routes.ts'
import { Quotas } from './quotas.ts'
import { routineRoutes } from './routine-routes.ts'
import { JobRunner } from './runner.ts'
import { tableRoutes } from './table-routes.ts'
import { uploadRoutes, type PendingLoad } from './upload-routes.ts'

export type BigQueryService = CloudService

/** Opens (or creates) the folder of jobs and serves the warehouse as BigQuery's REST API v2. */
export async function createBigQueryService(options: {
  readonly dir: string
  readonly clock: Clock
  readonly project: string
  readonly storage: StorageService
  /** Stays the caller's: closing the service does not close it. */
  readonly warehouse: Warehouse
  /** Gets what the service would have refused and the local warehouse does not. @default nobody */
  readonly onWarning?: (message: string) => void
}): Promise<BigQueryService> {
  const { dir, clock, project, storage, warehouse } = options
  const temporary = join(dir, 'tmp')
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true })
  const jobs = await JobStore.open(dir, project, clock.now(), (keys) => warehouse.committedJobs(keys))
  const sessions = await SessionStore.open<PendingLoad>(join(dir, 'uploads'), clock.now())
  const runner = new JobRunner(jobs, clock)
  const quotas = new Quotas(clock, jobs.list(), (message) => options.onWarning?.(message))
  const context: BigQueryContext = { project, clock, warehouse, storage, jobs, runner, quotas, temporary }
  const uploads = [uploadRoutes(context, sessions, rootUrl)]
  const withResults = { ...context, warehouse: withResultTables(warehouse, runner) }
  const plain = [
    jobRoutes(context),
    queryRoutes(context),
    dataRoutes(withResults),
    iamRoutes(context, join(dir, 'policies.json')),
    tableRoutes(withResults),
    datasetRoutes(context, new DatasetNotes(join(dir, 'datasets.json'), project)),
    routineRoutes(context),
    modelRoutes(context),
    projectRoutes(context),
  ]

  const answer = async (target: Target): Promise<CloudResponse> => {
    const given = /^\/projects\/([^/]+)\//.exec(target.request.path)?.[1]
    if (given !== undefined && given !== encodeURIComponent(project))
      return apiError(404, `Not found: Project ${given}`)
    for (const route of target.kind === 'upload' ? uploads : plain) {
      const response = await route(target.request)
      if (response !== null) return response
    }
    return apiError(404, `Not found: ${target.request.method} ${target.request.path}`)
  }

  return {
    name: 'bigquery',
    handle: async (request) => {
      if (isDiscovery(request)) return json(200, discoveryDocument(rootUrl(request)))
      const target = locate(request)
      if (target === null) return null
      try {
        const response = await answer(target)
        // Nobody is told of a job before it is on disk.
        await jobs.settled()
        return response
      } catch (error) {
        if (!(error instanceof WarehouseError)) throw error
        const { status, message, detail } = refusal(problemOf(error))
        return apiError(status, message, detail)
      }
    },
    close: async () => {
      await runner.close()
      await jobs.close()
    },
  }
}

interface Target {
  readonly request: CloudRequest
  readonly kind: 'upload' | 'plain'
}

const prefixes = [
  { prefix: '/resumable/upload/bigquery/v2', kind: 'upload' },
  { prefix: '/upload/bigquery/v2', kind: 'upload' },
  { prefix: '/bigquery/v2', kind: 'plain' },
] as const

/**
 * The request with its path below the API's root. Clients that take BIGQUERY_EMULATOR_HOST as the API's root send
 * `/projects/…` without a prefix.
 */
function locate(request: CloudRequest): Target | null {
  for (const { prefix, kind } of prefixes) {
    if (!request.path.startsWith(`${prefix}/`)) continue
    return { request: { ...request, path: request.path.slice(prefix.length) }, kind }
  }
  const bare = /^\/projects(\/[^/]+\/(datasets|jobs|queries)(\/.*)?)?$/.test(request.path)
  return bare ? { request, kind: 'plain' } : null
}

function isDiscovery({ method, path, query }: CloudRequest): boolean {
  if (method !== 'GET') return false
  if (path === '/discovery/v1/apis/bigquery/v2/rest') return true
  return path === '/$discovery/rest' && (query.get('version') ?? 'v2') === 'v2'
}

/** As the client reached the server; in-process callers have no host and no use for links. */
function rootUrl(request: CloudRequest): string {
  return `http://${request.headers['host'] ?? '127.0.0.1'}`
}
