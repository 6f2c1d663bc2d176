import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listFolders, readJsonFile, removeTree, writeJson } from '../files.ts'
import type { Place } from '../names.ts'
import { ApiError } from '../routes.ts'

export interface Secret {
  readonly name: string
  readonly createTime: string
  readonly labels?: Readonly<Record<string, string>>
  /** Oldest first; the first is version 1. */
  readonly versions: readonly Version[]
}

export interface Version {
  /** Base64; gone once it is destroyed. */
  readonly data?: string
  readonly state: 'ENABLED' | 'DISABLED' | 'DESTROYED'
  readonly createTime: string
}

/** Secrets on disk, a folder each. */
export class Secrets {
  readonly #dir: string
  readonly #place: Place

  constructor(dir: string, place: Place) {
    this.#dir = dir
    this.#place = place
  }

  has(name: string): boolean {
    return existsSync(this.#file(name))
  }

  get(name: string): Secret {
    const secret = readSecret(this.#file(name))
    if (secret === null) throw new ApiError(404, `Secret [${name}] not found.`)
    return secret
  }

  /** Sorted by name. */
  list(parent: string): readonly Secret[] {
    return listFolders(this.#dir)
      .flatMap((folder) => readSecret(join(this.#dir, folder, 'secret.json')) ?? [])
      .filter(({ name }) => name.startsWith(`${parent}/secrets/`))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
  }

  put(secret: Secret): void {
    writeJson(this.#file(secret.name), secret)
  }

  delete(name: string): void {
    removeTree(join(this.#file(name), '..'))
  }

  #file(name: string): string {
    const [, project = '', , id = ''] = name.split('/')
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(id)) throw new ApiError(400, `Invalid secret id "${id}".`)
    const folder = project === this.#place.project ? id : `${encodeURIComponent(project)}..${id}`
    return join(this.#dir, folder, 'secret.json')
  }
}

export function versionName({ name }: Secret, number: number): string {
  return `${name}/versions/${number}`
}

/** Folders of earlier versions of the emulator hold the values alone. */
function readSecret(file: string): Secret | null {
  const found = readJsonFile(file) as
    (Omit<Secret, 'versions'> & { readonly versions: readonly (string | Version)[] }) | null
  if (found === null) return null
  const versions = found.versions.map((one): Version =>
    typeof one === 'string' ? { data: one, state: 'ENABLED', createTime: found.createTime } : one,
  )
  return { ...found, versions }
}
