import { createHash } from 'node:crypto'
import { createReadStream, unlinkSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c, encodeCrc32c } from './crc32c.ts'
import { syncDirectory } from './journal.ts'

/** What is known of some content; the name it is kept under is its SHA-256. */
export interface Blob {
  readonly sha256: string
  readonly size: number
  /** Base64. */
  readonly md5: string
  /** Base64, big-endian. */
  readonly crc32c: string
}

interface Entry {
  references: number
  readonly stored: Promise<void>
}

/**
 * Content-addressed files. Whoever gets a blob from `write` or `adopt` holds one reference and gives it back with
 * `release`; content that nobody references is deleted.
 */
export class BlobStore {
  readonly #directory: string
  readonly #temporary: string
  readonly #entries = new Map<string, Entry>()
  #counter = 0

  private constructor(directory: string, temporary: string) {
    this.#directory = directory
    this.#temporary = temporary
  }

  /** Opens the store; `references` names the blobs that are in use, once per use. Everything else is deleted. */
  static async open(directory: string, references: Iterable<string>): Promise<BlobStore> {
    const temporary = join(directory, 'tmp')
    await rm(temporary, { recursive: true, force: true })
    await mkdir(temporary, { recursive: true })
    const store = new BlobStore(directory, temporary)
    const stored = Promise.resolve()
    for (const sha256 of references) {
      const entry = store.#entries.get(sha256)
      if (entry === undefined) store.#entries.set(sha256, { references: 1, stored })
      else entry.references += 1
    }
    await store.#sweep()
    return store
  }

  path(sha256: string): string {
    return join(this.#directory, sha256.slice(0, 2), sha256)
  }

  read(sha256: string): Promise<Buffer> {
    return readFile(this.path(sha256))
  }

  /** Keeps these bytes; they are on disk when the promise resolves. */
  async write(bytes: Uint8Array): Promise<Blob> {
    const blob: Blob = {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      md5: createHash('md5').update(bytes).digest('base64'),
      crc32c: encodeCrc32c(crc32c(bytes)),
    }
    await this.#keep(blob.sha256, async () => {
      const temporary = join(this.#temporary, String((this.#counter += 1)))
      const handle = await open(temporary, 'wx')
      try {
        await handle.writeFile(bytes)
        await handle.datasync()
      } finally {
        await handle.close()
      }
      return temporary
    })
    return blob
  }

  /** Moves a file of the same file system into the store. */
  async adopt(path: string): Promise<Blob> {
    const blob = await describe(path)
    const entry = await this.#keep(blob.sha256, async () => {
      const handle = await open(path, 'r+')
      try {
        await handle.datasync()
      } finally {
        await handle.close()
      }
      return path
    })
    if (entry === 'known') await rm(path, { force: true })
    return blob
  }

  retain(sha256: string): void {
    const entry = this.#entries.get(sha256)
    if (entry === undefined) throw new Error(`no content ${sha256}`)
    entry.references += 1
  }

  release(sha256: string): void {
    const entry = this.#entries.get(sha256)
    if (entry === undefined) return
    entry.references -= 1
    if (entry.references > 0) return
    // Synchronous, so that the same content written again cannot meet a deletion under way.
    this.#entries.delete(sha256)
    try {
      unlinkSync(this.path(sha256))
    } catch {
      // What cannot be deleted now is swept at the next start.
    }
  }

  async #keep(sha256: string, produce: () => Promise<string>): Promise<'new' | 'known'> {
    const known = this.#entries.get(sha256)
    if (known !== undefined) {
      known.references += 1
      await known.stored
      return 'known'
    }
    const stored = this.#move(sha256, produce)
    this.#entries.set(sha256, { references: 1, stored })
    try {
      await stored
    } catch (error) {
      this.#entries.delete(sha256)
      throw error
    }
    return 'new'
  }

  async #move(sha256: string, produce: () => Promise<string>): Promise<void> {
    const temporary = await produce()
    const target = this.path(sha256)
    const folder = join(this.#directory, sha256.slice(0, 2))
    const created = await mkdir(folder, { recursive: true })
    await rename(temporary, target)
    await syncDirectory(folder)
    if (created !== undefined) await syncDirectory(this.#directory)
  }

  async #sweep(): Promise<void> {
    for (const folder of await readdir(this.#directory)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue
      for (const name of await readdir(join(this.#directory, folder))) {
        if (!this.#entries.has(name)) await rm(join(this.#directory, folder, name), { force: true })
      }
    }
  }
}

async function describe(path: string): Promise<Blob> {
  const sha256 = createHash('sha256')
  const md5 = createHash('md5')
  let crc = 0
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    sha256.update(chunk)
    md5.update(chunk)
    crc = crc32c(chunk, crc)
    size += chunk.length
  }
  return { sha256: sha256.digest('hex'), size, md5: md5.digest('base64'), crc32c: encodeCrc32c(crc) }
}
