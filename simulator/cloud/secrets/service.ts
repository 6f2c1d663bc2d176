import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { readJsonFile, writeJson } from '../files.ts'
import { resolveProject, timestamp, type Place } from '../names.ts'
import type { CloudService } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { crc32c } from '../storage/crc32c.ts'

export interface SecretsServiceOptions {
  /** `secrets/` of the state folder; values stand there as they are. */
  readonly dir: string
  readonly clock: Clock
  readonly place: Place
}

interface Secret {
  readonly name: string
  readonly createTime: string
  /** Base64, oldest first. */
  readonly versions: readonly string[]
}

/** Of Secret Manager what workflows call. https://cloud.google.com/secret-manager/docs/reference/rest */
export function createSecretsService({ dir, clock, place }: SecretsServiceOptions): CloudService {
  const nameOf = (project: string, id: string) => `projects/${resolveProject(project, place)}/secrets/${id}`
  const fileOf = (name: string) => {
    const [, project = '', , id = ''] = name.split('/')
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(id)) throw new ApiError(400, `Invalid secret id "${id}".`)
    return join(dir, project === place.project ? id : `${encodeURIComponent(project)}..${id}`, 'secret.json')
  }
  const find = (name: string): Secret => {
    const secret = readJsonFile(fileOf(name)) as Secret | null
    if (secret === null) throw new ApiError(404, `Secret [${name}] not found.`)
    return secret
  }
  const shown = ({ name, createTime }: Secret) => ({ name, createTime, replication: { automatic: {} } })

  const handle = routes([
    {
      method: 'POST',
      path: '/v1/projects/{project}/secrets',
      handle: (request, { project }) => {
        const name = nameOf(project, request.query.get('secretId') ?? '')
        const file = fileOf(name)
        if (existsSync(file)) throw new ApiError(409, `Secret [${name}] already exists.`)
        const secret: Secret = { name, createTime: timestamp(clock.now()), versions: [] }
        writeJson(file, secret)
        return json(200, shown(secret))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/secrets/{secret}',
      handle: (_request, { project, secret }) => json(200, shown(find(nameOf(project, secret)))),
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/secrets/{secret}:addVersion',
      handle: (request, { project, secret }) => {
        const found = find(nameOf(project, secret))
        const versions = [...found.versions, readPayload(readJson(request)['payload'])]
        writeJson(fileOf(found.name), { ...found, versions })
        return json(200, { name: `${found.name}/versions/${versions.length}`, state: 'ENABLED' })
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/secrets/{secret}/versions/{version}:access',
      handle: (_request, { project, secret, version }) => {
        const { name, versions } = find(nameOf(project, secret))
        const number = version === 'latest' ? versions.length : Number(version)
        const data = versions[number - 1]
        if (data === undefined)
          throw new ApiError(404, `Secret Version [${name}/versions/${version}] not found.`)
        return json(200, {
          name: `${name}/versions/${number}`,
          payload: { data, dataCrc32c: checksum(data) },
        })
      },
    },
  ])
  return { name: 'secrets', handle, close: () => Promise.resolve() }
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
