import type { Clock } from '../../../clock.ts'
import type { Endpoint } from '../../../connectors/exchange.ts'
import type { Identity } from '../../identity/tokens.ts'
import type { Logs } from '../../logs.ts'
import { timestamp } from '../../names.ts'
import { passedOn } from '../environment.ts'
import { findImage, unmappedImage, type LocalImages } from '../images.ts'
import { readLogLine } from '../log-line.ts'
import type { ProcessLedger } from '../process-ledger.ts'
import { durationMs } from '../resource.ts'
import { createFront } from './front.ts'
import { startInstance, type Instance } from './instance.ts'
import type { LocalService, LocalServices } from './local-service.ts'
import type { Service } from './service-resource.ts'
import type { Services } from './services.ts'

export interface DirectoryOptions {
  readonly clock: Clock
  readonly project: string
  readonly identity: Pick<Identity, 'verify'>
  readonly images: LocalImages
  /** Environment of every step and service. */
  readonly stepEnv: Readonly<Record<string, string>>
  readonly emulatorUrl: () => string
  readonly logs: Logs
  readonly ledger: ProcessLedger
  /** Addresses that the project maps itself. */
  readonly local: LocalServices
}

/** https://cloud.google.com/run/docs/configuring/request-timeout */
const DEFAULT_TIMEOUT_MS = 300_000

/** Finds the service at an address and keeps the processes of those that are called. */
export class ServiceDirectory {
  readonly #services: Services
  readonly #options: DirectoryOptions
  /** By revision or address: one process each. */
  readonly #instances = new Map<string, Promise<Instance>>()

  constructor(services: Services, options: DirectoryOptions) {
    this.#services = services
    this.#options = options
  }

  /** What answers at an address, or null. A mapping of the project wins over a deployed service. */
  find(url: URL): Endpoint | null {
    const { local, identity } = this.#options
    const mapped = Object.hasOwn(local, url.origin) ? local[url.origin] : undefined
    if (mapped !== undefined) {
      return createFront(
        {
          public: mapped.public ?? false,
          audiences: mapped.audiences ?? [],
          timeoutMs: DEFAULT_TIMEOUT_MS,
          backend: () => this.#mapped(url.origin, mapped),
        },
        identity,
      )
    }
    const service = this.#services.at(url.origin)
    if (service === null) return null
    return createFront(
      {
        public: service.invokerIamDisabled ?? false,
        audiences: service.customAudiences ?? [],
        timeoutMs: durationMs(service.template.timeout),
        backend: () => this.#deployed(service),
      },
      identity,
    )
  }

  /** Stops the processes of a service's revisions. */
  async stop(service: string): Promise<void> {
    const mine = [...this.#instances].filter(([key]) => key.startsWith(`${service}/revisions/`))
    await this.#stopAll(mine)
  }

  async close(): Promise<void> {
    await this.#stopAll([...this.#instances])
  }

  async #mapped(origin: string, service: LocalService): Promise<string> {
    if (service.kind === 'url') return service.url
    const name = new URL(origin).hostname.split('.')[0] ?? ''
    return await this.#run(origin, name, name, service.command, service.cwd, service.env ?? {})
  }

  async #deployed({ name, template, latestReadyRevision }: Service): Promise<string> {
    const [container] = template.containers
    const image = container === undefined ? null : findImage(this.#options.images, container.image)
    // A function of this process answers no requests.
    const [file, ...fixed] = image !== null && 'command' in image ? image.command : []
    if (container === undefined || image === null || !('command' in image) || file === undefined)
      throw new Error(unmappedImage(container?.image ?? ''))
    const env = Object.fromEntries((container.env ?? []).map((one) => [one.name, one.value ?? '']))
    const command = [file, ...fixed, ...(container.args ?? [])] as const
    const id = name.split('/').at(-1) ?? ''
    const revision = latestReadyRevision.split('/').at(-1) ?? ''
    return await this.#run(latestReadyRevision, id, revision, command, image.cwd, env)
  }

  async #run(
    key: string,
    service: string,
    revision: string,
    command: readonly [string, ...string[]],
    cwd: string | undefined,
    env: Readonly<Record<string, string>>,
  ): Promise<string> {
    let starting = this.#instances.get(key)
    if (starting === undefined) {
      starting = this.#start(service, revision, command, cwd, env)
      this.#instances.set(key, starting)
      const forget = () => {
        if (this.#instances.get(key) === starting) this.#instances.delete(key)
      }
      // A process that ended is started again by the next request.
      starting.then((instance) => instance.ended.then(forget), forget)
    }
    return (await starting).url
  }

  #start(
    service: string,
    revision: string,
    command: readonly [string, ...string[]],
    cwd: string | undefined,
    env: Readonly<Record<string, string>>,
  ): Promise<Instance> {
    const { clock, emulatorUrl, ledger, logs, project, stepEnv } = this.#options
    const own = passedOn.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value] as const]
    })
    return startInstance({
      command,
      ...(cwd === undefined ? {} : { cwd }),
      env: {
        ...Object.fromEntries(own),
        ...env,
        ...stepEnv,
        K_SERVICE: service,
        K_REVISION: revision,
        K_CONFIGURATION: service,
        GOOGLE_CLOUD_PROJECT: project,
        STORAGE_EMULATOR_HOST: emulatorUrl(),
        BIGQUERY_EMULATOR_HOST: emulatorUrl(),
        METADATA_SERVER_DETECTION: 'none',
      },
      ledger,
      onLine: (stream, line) => {
        const payload = readLogLine(line)
        logs.append(`run-services/${service}/${revision}.jsonl`, {
          logName: `projects/${project}/logs/run.googleapis.com%2F${stream}`,
          resource: {
            type: 'cloud_run_revision',
            labels: { service_name: service, revision_name: revision, configuration_name: service },
          },
          timestamp: timestamp(clock.now()),
          ...payload,
          labels: { ...payload.labels },
        })
      },
    })
  }

  async #stopAll(instances: readonly (readonly [string, Promise<Instance>])[]): Promise<void> {
    await Promise.all(
      instances.map(async ([key, starting]) => {
        this.#instances.delete(key)
        const instance = await starting.catch(() => null)
        await instance?.stop()
      }),
    )
  }
}
