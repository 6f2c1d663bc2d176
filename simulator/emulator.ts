import { join, resolve } from 'node:path'
import { realClock, type Clock } from './clock.ts'
import type { ExecutionQuota } from './cloud/executions/backlog.ts'
import type { ExecutionEvent } from './cloud/executions/runner.ts'
import { createExecutionsService, type ExecutionsService } from './cloud/executions/service.ts'
import { createIdentityService } from './cloud/identity/service.ts'
import { createTokens } from './cloud/identity/tokens.ts'
import { randomIds, seededIds } from './cloud/ids.ts'
import { createLoggingService } from './cloud/logging/service.ts'
import { Logs, type LogRecord } from './cloud/logs.ts'
import type { CloudService, Dispatch } from './cloud/request.ts'
import { json } from './cloud/routes.ts'
import type { LocalImages } from './cloud/run/images.ts'
import type { LocalServices } from './cloud/run/services/local-service.ts'
import { createDispatch, listen } from './cloud/server.ts'
import { recentBuild, recentWorkflow } from './cloud/workflows/recent-builds.ts'
import { createWorkflowsService } from './cloud/workflows/service.ts'
import { createConnectors, createHttp, type OutwardGate, type StandIn } from './connectors/index.ts'
import type { Readings } from './engine/index.ts'
import { lazyService } from './lazy-service.ts'
import { lazyWarehouse } from './lazy-warehouse.ts'
import { findHolder, holdState, IDENTITY_PATH, type StateHolder } from './state-lock.ts'

export { StateInUseError, type StateHolder } from './state-lock.ts'
export type { ExecutionEvent } from './cloud/executions/runner.ts'
export type { LogRecord } from './cloud/logs.ts'

export interface EmulatorOptions {
  /** Everything is kept here; one emulator at a time. */
  readonly stateDir: string
  /** @default 0, which takes a free one */
  readonly port?: number
  /** @default the real clock */
  readonly clock?: Clock
  readonly project: string
  readonly location: string
  /** Commands that stand for container images. */
  readonly images: OrLater<LocalImages>
  /** What stands for Cloud Run services, by address. @default none */
  readonly services?: OrLater<LocalServices>
  /** Environment of every step, e.g. local secrets; wins over a job's own. */
  readonly stepEnv?: OrLater<Readonly<Record<string, string>>>
  /**
   * Decides which ready branch of a workflow runs next, and the ids of workflow and job executions, callbacks,
   * revisions and operations. @default branches as with seed 1, random ids
   */
  readonly seed?: number
  /** Where the documentation is silent: other than the default readings. */
  readonly readings?: Partial<Readings>
  /** Steps that run at the same time. @default the machine's processors, at least 4 */
  readonly maxProcesses?: number
  /** Further APIs, asked before the emulator's own: stand-ins of services that it lacks. */
  readonly apis?: readonly CloudService[]
  /** Answers `http.*` calls of workflows in place of the network. @default none */
  readonly standIn?: StandIn
  /** Asked before `http.*` of a workflow leaves this machine. @default all may */
  readonly outward?: OutwardGate
  /** Workflow executions of one project and region. @default 10,000 at once, 100,000 waiting */
  readonly executionQuota?: ExecutionQuota
  /** Days on the clock for which executions are kept after their end. @default 90 */
  readonly retentionDays?: number
  /** Workflows of one project. @default 10,000 */
  readonly workflowQuota?: number
  /** Longest request body in bytes. @default 1 GiB */
  readonly maxBodyBytes?: number
  /**
   * Ends with the command that started it: others do not settle in it, and services open when they are first asked
   * for. @default false
   */
  readonly brief?: boolean
  /** Gets every log entry of workflows and steps as it is written. */
  onLog?(record: LogRecord): void
  /** Gets what happens to executions; entries are alive, read them at once. */
  onExecutionEvent?(event: ExecutionEvent): void
}

/** A value, or what makes it when it is first needed. */
type OrLater<T> = T | (() => Promise<T>)

export interface Emulator {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  readonly clock: Clock
  /** The local cloud without a socket. */
  readonly dispatch: Dispatch
  /** Fails what runs, ends all processes and frees the state folder. */
  close(): Promise<void>
}

/** Starts the local cloud on 127.0.0.1; throws `StateInUseError` where another one holds the state folder. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const stateDir = resolve(options.stateDir)
  const identity = createIdentity()
  // Requests that come while the services still open wait for them.
  let ready: (dispatch: Dispatch) => void = nothing
  const opened = new Promise<Dispatch>((resolveReady) => (ready = resolveReady))
  const server = await listen(
    async (request) => (await identity.handle(request)) ?? (await (await opened)(request)),
    {
      port: options.port ?? 0,
      ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
    },
  )
  let release = nothing
  try {
    release = await holdState(stateDir, {
      pid: process.pid,
      port: server.port,
      url: server.url,
      ...(options.brief === true ? { brief: true } : {}),
    })
    const cloud = await openCloud(options, stateDir, server.url)
    ready(cloud.dispatch)
    return {
      url: server.url,
      port: server.port,
      clock: cloud.clock,
      dispatch: cloud.dispatch,
      close: once(async () => {
        await cloud.stopWork()
        await server.close()
        await cloud.close()
        release()
      }),
    }
  } catch (error) {
    ready(() =>
      Promise.resolve(json(503, { error: { code: 503, message: 'The emulator could not start.' } })),
    )
    await server.close()
    release()
    throw error
  }
}

/** The live emulator that holds a state folder, or null; its process and its port have both answered. */
export async function findEmulator(stateDir: string): Promise<StateHolder | null> {
  return await findHolder(resolve(stateDir))
}

interface Cloud {
  readonly clock: Clock
  readonly dispatch: Dispatch
  /** Ends executions and processes while the other services still answer. */
  stopWork(): Promise<void>
  close(): Promise<void>
}

async function openCloud(options: EmulatorOptions, stateDir: string, url: string): Promise<Cloud> {
  const clock = options.clock ?? realClock()
  const place = { project: options.project, location: options.location }
  const readings = options.readings ?? {}
  const ids = options.seed === undefined ? randomIds : seededIds(options.seed)
  const logs = new Logs(join(stateDir, 'logs'), ids, (record) => options.onLog?.(record))
  const services: CloudService[] = [...(options.apis ?? [])]
  const identity = createTokens(() => url)
  let read: Promise<LocalServices> | undefined
  const addresses = () => (read ??= now(options.services ?? {}))
  const dispatch = createDispatch(services)

  const workflows = createWorkflowsService({
    dir: join(stateDir, 'workflows'),
    clock,
    place,
    ids,
    ...(options.workflowQuota === undefined ? {} : { quota: options.workflowQuota }),
    checkSource: (source) => {
      const build = recentBuild(source, readings)
      return build.kind === 'refused' ? build.message : null
    },
    onDelete: (key) => executions.forget(key),
  })
  const executions: ExecutionsService = createExecutionsService({
    dir: join(stateDir, 'executions'),
    clock,
    place,
    ids,
    ...(options.executionQuota === undefined ? {} : { quota: options.executionQuota }),
    ...(options.retentionDays === undefined ? {} : { retentionDays: options.retentionDays }),
    findWorkflow: (key) => workflows.find(key),
    compile: (source) => recentWorkflow(source, readings),
    connectors: (project, location) => createConnectors({ dispatch, project, location, readings }),
    http: createHttp({
      dispatch,
      origin: url,
      identity,
      ...(options.standIn === undefined ? {} : { standIn: options.standIn }),
      ...(options.outward === undefined ? {} : { outward: options.outward }),
      service: async (at) => {
        const isKnown = at.hostname.endsWith('.run.app') || Object.hasOwn(await addresses(), at.origin)
        return isKnown ? (await run.open()).endpoint(at) : null
      },
      readings,
    }),
    log: ({ file, record }) => logs.append(file, record),
    rootUrl: () => url,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    readings,
    onEvent: (event) => options.onExecutionEvent?.(event),
  })
  const storage = lazyService('storage', async () => {
    const { createStorageService } = await import('./cloud/storage/index.ts')
    return createStorageService({ dir: join(stateDir, 'storage'), clock, baseUrl: () => url })
  })
  const warehouse = lazyWarehouse(async () => {
    const { openWarehouse } = await import('./warehouse/index.ts')
    return openWarehouse({ dir: join(stateDir, 'warehouse'), project: place.project })
  })
  const bigquery = lazyService('bigquery', async () => {
    const { createBigQueryService } = await import('./cloud/bigquery/index.ts')
    return createBigQueryService({
      dir: join(stateDir, 'bigquery'),
      clock,
      project: place.project,
      storage: await storage.open(),
      warehouse,
      onWarning: (message) =>
        logs.append('bigquery/warnings.jsonl', {
          logName: `projects/${place.project}/logs/bigquery.googleapis.com%2Fwarnings`,
          resource: { type: 'bigquery_project', labels: { project_id: place.project } },
          timestamp: new Date(clock.now()).toISOString(),
          severity: 'WARNING',
          labels: {},
          textPayload: message,
        }),
    })
  })
  const run = lazyService('run', async () => {
    const { createRunService } = await import('./cloud/run/service.ts')
    return createRunService({
      dir: join(stateDir, 'run'),
      clock,
      place,
      images: await now(options.images),
      identity,
      ids,
      services: await addresses(),
      stepEnv: await now(options.stepEnv ?? {}),
      emulatorUrl: () => url,
      logs,
      ...(options.maxProcesses === undefined ? {} : { maxProcesses: options.maxProcesses }),
    })
  })
  const secrets = lazyService('secrets', async () => {
    const { createSecretsService } = await import('./cloud/secrets/service.ts')
    return createSecretsService({ dir: join(stateDir, 'secrets'), clock, place })
  })
  const pubsub = lazyService('pubsub', async () => {
    const { createPubSubService } = await import('./cloud/pubsub/service.ts')
    return createPubSubService({ dir: join(stateDir, 'pubsub'), clock, place })
  })
  const others = [secrets, pubsub, run, storage, bigquery]
  // A request goes down this list until a service owns its path: those that have to be opened first come last.
  const tokens = createIdentityService(identity, () => url)
  services.push(workflows, executions, createLoggingService(logs), tokens, ...others)
  if (!options.brief) await Promise.all(others.map((service) => service.open()))
  return {
    clock,
    dispatch,
    stopWork: async () => {
      await executions.close()
      await run.close()
    },
    close: async () => {
      await workflows.close()
      await bigquery.close()
      await warehouse.close()
      await storage.close()
    },
  }
}

/** Tells others who holds the state folder. */
function createIdentity(): Pick<CloudService, 'handle'> {
  return {
    handle: (request) =>
      Promise.resolve(
        request.method === 'GET' && request.path === IDENTITY_PATH
          ? json(200, { name: 'dagwright emulator', pid: process.pid })
          : null,
      ),
  }
}

function nothing(): void {}

async function now<T extends object>(value: OrLater<T>): Promise<T> {
  return typeof value === 'function' ? value() : value
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}
