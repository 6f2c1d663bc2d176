import { createHash, randomBytes } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '../errors.ts'

/** A multipart upload of the XML API under way, with what it is meant to become. */
export type PartedUpload<Target> = Target & { readonly id: string; readonly startedAt: number }

/** https://cloud.google.com/storage/docs/multipart-uploads: parts that arrive in any order, kept on disk. */
export class PartStore<Target extends object> {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async start(target: Target, now: number): Promise<PartedUpload<Target>> {
    const upload = { ...target, id: randomBytes(24).toString('base64url'), startedAt: now }
    await mkdir(this.#folder(upload.id), { recursive: true })
    await writeFile(this.#meta(upload.id), JSON.stringify(upload))
    return upload
  }

  /** Throws 404 where there is no such upload, or where it has ended. */
  async find(id: string): Promise<PartedUpload<Target>> {
    try {
      if (/^[\w-]{10,100}$/.test(id))
        return JSON.parse(await readFile(this.#meta(id), 'utf8')) as PartedUpload<Target>
    } catch {
      // Refused below.
    }
    throw new ApiError(404, 'The requested upload was not found.', 'noSuchUpload')
  }

  /** All uploads under way, for lifecycle rules that end them. */
  async all(): Promise<readonly PartedUpload<Target>[]> {
    const ids = await readdir(this.#directory).catch(() => [])
    const found = await Promise.all(ids.map((id) => this.find(id).catch(() => null)))
    return found.filter((upload) => upload !== null)
  }

  /** Keeps a part, in place of one with the same number, and gives its ETag. */
  async put(id: string, number: number, bytes: Uint8Array): Promise<string> {
    const etag = createHash('md5').update(bytes).digest('hex')
    const temporary = join(this.#folder(id), `${number}.${etag}.new`)
    await writeFile(temporary, bytes)
    for (const { number: known, name } of await this.parts(id))
      if (known === number) await rm(join(this.#folder(id), name), { force: true })
    await writeFile(join(this.#folder(id), `${number}.${etag}`), bytes)
    await rm(temporary)
    return etag
  }

  /** The parts by number. */
  async parts(id: string): Promise<
    readonly {
      readonly number: number
      readonly etag: string
      readonly size: number
      readonly name: string
    }[]
  > {
    const names = await readdir(this.#folder(id))
    const parts = names.flatMap((name) => {
      const match = /^(\d+)\.([0-9a-f]{32})$/.exec(name)
      return match === null ? [] : [{ number: Number(match[1]), etag: match[2]!, name }]
    })
    const sized = parts.map(async (part) => ({
      ...part,
      size: (await stat(join(this.#folder(id), part.name))).size,
    }))
    return (await Promise.all(sized)).toSorted((a, b) => a.number - b.number)
  }

  /** Writes the given parts one after the other into a file of this store, which the caller takes over. */
  async join(id: string, names: readonly string[]): Promise<string> {
    const whole = join(this.#folder(id), 'whole')
    await writeFile(whole, '')
    for (const name of names) await appendFile(whole, await readFile(join(this.#folder(id), name)))
    return whole
  }

  async remove(id: string): Promise<void> {
    await rm(this.#folder(id), { recursive: true, force: true })
  }

  #folder(id: string): string {
    return join(this.#directory, id)
  }

  #meta(id: string): string {
    return join(this.#folder(id), 'upload.json')
  }
}
