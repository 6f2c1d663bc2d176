import type { Clock } from '../../clock.ts'
import { resolveProject, timestamp, type Place } from '../names.ts'
import { page } from '../paging.ts'
import type { CloudService } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { crc32c } from '../storage/crc32c.ts'
import { Secrets, versionName, type Secret, type Version } from './secrets.ts'

export interface SecretsServiceOptions {
  /** `secrets/` of the state folder; values stand there as they are. */
  readonly dir: string
  readonly clock: Clock
  readonly place: Place
}

type Params = { readonly project: string; readonly secret: string }
type VersionParams = Params & { readonly version: string }

/** Secret Manager. https://cloud.google.com/secret-manager/docs/reference/rest */
export function createSecretsService({ dir, clock, place }: SecretsServiceOptions): CloudService {
  const store = new Secrets(dir, place)
  const nameOf = ({ project, secret }: Params) =>
    `projects/${resolveProject(project, place)}/secrets/${secret}`
  const find = (params: Params) => store.get(nameOf(params))

  /** Changes the state of one version. */
  const change = (params: VersionParams, state: Version['state']) => {
    const secret = find(params)
    const number = numberOf(secret, params.version)
    const old = versionOf(secret, number)
    if (old.state === 'DESTROYED') throw failedPrecondition(secret, number, old.state)
    const { data: _data, ...rest } = old
    const changed: Version = state === 'DESTROYED' ? { ...rest, state } : { ...old, state }
    store.put({ ...secret, versions: secret.versions.with(number - 1, changed) })
    return json(200, shownVersion(secret, number, changed))
  }

  const handle = routes([
    {
      method: 'POST',
      path: '/v1/projects/{project}/secrets',
      handle: (request, { project }) => {
        const name = nameOf({ project, secret: request.query.get('secretId') ?? '' })
        if (store.has(name)) throw new ApiError(409, `Secret [${name}] already exists.`)
        const labels = readLabels(readJson(request)['labels'])
        const secret: Secret = { name, createTime: timestamp(clock.now()), versions: [], ...labels }
        store.put(secret)
        return json(200, shown(secret))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/secrets',
      handle: (request, { project }) => {
        const found = store.list(`projects/${resolveProject(project, place)}`)
        const { items, nextPageToken } = page(found, request, {
          defaultSize: 25_000,
          maxSize: 25_000,
          key: ({ name }) => name,
        })
        return json(200, { secrets: items.map(shown), nextPageToken, totalSize: found.length })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/secrets/{secret}',
      handle: (_request, params) => json(200, shown(find(params))),
    },
    {
      method: 'PATCH',
      path: '/v1/projects/{project}/secrets/{secret}',
      handle: (request, params) => {
        const changed = { ...find(params), ...readLabels(readJson(request)['labels']) }
        store.put(changed)
        return json(200, shown(changed))
      },
    },
    {
      method: 'DELETE',
      path: '/v1/projects/{project}/secrets/{secret}',
      handle: (_request, params) => {
        store.delete(find(params).name)
        return json(200, {})
      },
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/secrets/{secret}:addVersion',
      handle: (request, params) => {
        const secret = find(params)
        const data = readPayload(readJson(request)['payload'])
        const version: Version = { data, state: 'ENABLED', createTime: timestamp(clock.now()) }
        const versions = [...secret.versions, version]
        store.put({ ...secret, versions })
        return json(200, shownVersion(secret, versions.length, version))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/secrets/{secret}/versions',
      handle: (request, params) => {
        const secret = find(params)
        const all = secret.versions.map((one, index) => shownVersion(secret, index + 1, one)).toReversed()
        const { items, nextPageToken } = page(all, request, {
          defaultSize: 25_000,
          maxSize: 25_000,
          key: ({ name }) => name,
        })
        return json(200, { versions: items, nextPageToken, totalSize: all.length })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/secrets/{secret}/versions/{version}',
      handle: (_request, params) => {
        const secret = find(params)
        const number = numberOf(secret, params.version)
        return json(200, shownVersion(secret, number, versionOf(secret, number)))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/secrets/{secret}/versions/{version}:access',
      handle: (_request, params) => {
        const secret = find(params)
        const number = numberOf(secret, params.version)
        const { data, state } = versionOf(secret, number)
        if (state !== 'ENABLED' || data === undefined) throw failedPrecondition(secret, number, state)
        return json(200, {
          name: versionName(secret, number),
          payload: { data, dataCrc32c: checksum(data) },
        })
      },
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/secrets/{secret}/versions/{version}:enable',
      handle: (_request, params) => change(params, 'ENABLED'),
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/secrets/{secret}/versions/{version}:disable',
      handle: (_request, params) => change(params, 'DISABLED'),
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/secrets/{secret}/versions/{version}:destroy',
      handle: (_request, params) => change(params, 'DESTROYED'),
    },
  ])
  return { name: 'secrets', handle, close: () => Promise.resolve() }
}

function shown({ name, createTime, labels }: Secret): Readonly<Record<string, unknown>> {
  return { name, createTime, replication: { automatic: {} }, ...(labels !== undefined && { labels }) }
}

function shownVersion(secret: Secret, number: number, { createTime, state }: Version) {
  return { name: versionName(secret, number), createTime, state }
}

/** `latest` is the one that was added last, whatever its state. */
function numberOf({ versions }: Secret, version: string): number {
  return version === 'latest' ? versions.length : Number(version)
}

function versionOf(secret: Secret, number: number): Version {
  const version = secret.versions[number - 1]
  if (version === undefined)
    throw new ApiError(404, `Secret Version [${versionName(secret, number)}] not found.`)
  return version
}

function failedPrecondition(secret: Secret, number: number, state: string): ApiError {
  return new ApiError(400, `Secret Version [${versionName(secret, number)}] is in ${state} state.`, {
    status: 'FAILED_PRECONDITION',
    reason: 'failedPrecondition',
  })
}

/** 64-bit integers are strings in JSON. */
function checksum(data: string): string {
  return String(crc32c(Buffer.from(data, 'base64')))
}

function readPayload(payload: unknown): string {
  const data = typeof payload === 'object' && payload !== null && 'data' in payload ? payload.data : undefined
  if (typeof data !== 'string') throw new ApiError(400, 'payload.data is required')
  if (data.length > 4 * Math.ceil(65_536 / 3)) throw new ApiError(400, 'The payload is larger than 64 KiB.')
  return data
}

function readLabels(given: unknown): Pick<Secret, 'labels'> {
  if (given === undefined) return {}
  const isRecord = typeof given === 'object' && given !== null && !Array.isArray(given)
  if (!isRecord || !Object.values(given).every((value) => typeof value === 'string'))
    throw new ApiError(400, "Invalid value at 'secret.labels'")
  return { labels: given as Readonly<Record<string, string>> }
}
