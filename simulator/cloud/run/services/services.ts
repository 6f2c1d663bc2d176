import { join } from 'node:path'
import type { Clock } from '../../../clock.ts'
import { ApiError } from '../../errors.ts'
import { listFolders, readJsonFile, removeTree, writeJson } from '../../files.ts'
import type { Ids } from '../../ids.ts'
import { folderName, timestamp, type Place } from '../../names.ts'
import type { Condition } from '../resource.ts'
import { serviceAddress, type Service, type ServiceInput } from './service-resource.ts'

/** Cloud Run services, in memory and under `run/.services/` of the state folder. */
export class Services {
  readonly #dir: string
  readonly #clock: Clock
  readonly #place: Place
  readonly #ids: Ids
  readonly #services = new Map<string, Service>()

  constructor(dir: string, clock: Clock, place: Place, ids: Ids) {
    this.#dir = dir
    this.#clock = clock
    this.#place = place
    this.#ids = ids
    for (const folder of listFolders(dir)) {
      const service = readJsonFile(join(dir, folder, 'service.json')) as Service | null
      if (service !== null) this.#services.set(service.name, service)
    }
  }

  find(name: string): Service | null {
    return this.#services.get(name) ?? null
  }

  get(name: string): Service {
    const service = this.find(name)
    if (service === null)
      throw new ApiError(404, `Resource '${name.split('/').at(-1)}' of kind 'SERVICE' does not exist.`)
    return service
  }

  list(parent: string): readonly Service[] {
    return [...this.#services.values()]
      .filter(({ name }) => name.startsWith(`${parent}/services/`))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
  }

  /** The service at an address, e.g. `https://hello-123.us-central1.run.app`, or null. */
  at(origin: string): Service | null {
    for (const service of this.#services.values()) if (service.uri === origin) return service
    return null
  }

  /** Creates the service, or replaces what a client sets of it: a new revision. */
  put(name: string, input: ServiceInput, dryRun: boolean): Service {
    const current = this.find(name)
    const now = timestamp(this.#clock.now())
    const number = Number(current?.generation ?? 0) + 1
    const revision = `${name}/revisions/${name.split('/').at(-1)}-${String(number).padStart(5, '0')}-dag`
    const ready: Condition = { type: 'Ready', state: 'CONDITION_SUCCEEDED', lastTransitionTime: now }
    const uri = serviceAddress(name, { project: name.split('/')[1] ?? '' })
    const service: Service = {
      ...input,
      name,
      uid: current?.uid ?? this.#ids.uuid(name),
      generation: String(number),
      observedGeneration: String(number),
      createTime: current?.createTime ?? now,
      updateTime: now,
      terminalCondition: ready,
      conditions: [
        { ...ready, type: 'RoutesReady' },
        { ...ready, type: 'ConfigurationsReady' },
      ],
      latestReadyRevision: revision,
      latestCreatedRevision: revision,
      uri,
      urls: [uri],
      reconciling: false,
      etag: `"${this.#ids.uuid(`${name} etag`)}"`,
    }
    if (!dryRun) {
      this.#services.set(name, service)
      writeJson(join(this.#folder(name), 'service.json'), service)
    }
    return service
  }

  delete(name: string): Service {
    const service = this.get(name)
    this.#services.delete(name)
    removeTree(this.#folder(name))
    return service
  }

  #folder(name: string): string {
    const [, project = '', , location = '', , id = ''] = name.split('/')
    return join(this.#dir, folderName(project, location, id, this.#place))
  }
}
