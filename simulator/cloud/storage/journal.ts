import { open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32c } from './crc32c.ts'

/**
 * An append-only file of JSON lines, each with its checksum. An entry counts once `settled` has resolved; entries
 * that arrive while a write is under way share the next one and its sync.
 */
export class Journal<Entry> {
  readonly #handle: FileHandle
  #pending: string[] = []
  #flushing: Promise<void> | null = null
  #failure: unknown = null

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /**
   * Opens or creates the file and reads its entries. A torn end, which a kill in the middle of a write leaves, is
   * cut off: nothing in it was acknowledged. Throws where an entry before the end is damaged.
   */
  static async open<Entry>(path: string): Promise<{ journal: Journal<Entry>; entries: Entry[] }> {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    const { entries, validLength } = parse(bytes, path)
    const handle = await open(path, 'a')
    if (validLength < bytes.length) await handle.truncate(validLength)
    if (bytes.length === 0) await syncDirectory(dirname(path))
    return { journal: new Journal<Entry>(handle), entries: entries as Entry[] }
  }

  /** Replaces the file by one with these entries, atomically. For files that no journal has open. */
  static async rewrite<Entry>(path: string, entries: Iterable<Entry>): Promise<void> {
    const temporary = `${path}.new`
    const handle = await open(temporary, 'w')
    try {
      let batch: string[] = []
      for (const entry of entries) {
        batch.push(format(entry))
        if (batch.length < 1000) continue
        await handle.appendFile(batch.join(''))
        batch = []
      }
      await handle.appendFile(batch.join(''))
      await handle.datasync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
    await syncDirectory(dirname(path))
  }

  append(entry: Entry): void {
    this.defer(entry)
    this.#start()
  }

  /** Adds an entry that is not written before the next `append` or `settled`, and shares its write. */
  defer(entry: Entry): void {
    if (this.#failure !== null) throw this.#failure
    this.#pending.push(format(entry))
  }

  /** Resolves when everything appended so far is on disk. */
  async settled(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    if (this.#pending.length > 0) this.#start()
    await this.#flushing
  }

  #start(): void {
    if (this.#flushing !== null) return
    this.#flushing = this.#flush()
    // Whoever awaits `settled` sees the failure; without a waiter it must not end the process.
    this.#flushing.catch(() => undefined)
  }

  async close(): Promise<void> {
    try {
      await this.settled()
    } finally {
      await this.#handle.close()
    }
  }

  async #flush(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const batch = this.#pending.join('')
        this.#pending = []
        await this.#handle.appendFile(batch)
        await this.#handle.datasync()
      }
      this.#flushing = null
    } catch (error) {
      this.#failure = error
      throw error
    }
  }
}

/** Makes created, renamed and deleted names of a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function format(entry: unknown): string {
  const text = JSON.stringify(entry)
  return `${checksum(Buffer.from(text))} ${text}\n`
}

function checksum(bytes: Uint8Array): string {
  return crc32c(bytes).toString(16).padStart(8, '0')
}

function parse(bytes: Buffer, path: string): { entries: unknown[]; validLength: number } {
  const entries: unknown[] = []
  let validLength = 0
  let damagedAt = -1
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start)
    const end = newline === -1 ? bytes.length : newline
    const text = bytes.subarray(start + 9, end)
    const whole = newline !== -1 && bytes.toString('latin1', start, start + 9) === `${checksum(text)} `
    if (whole && damagedAt !== -1) throw new Error(`${path}: damaged at byte ${damagedAt}`)
    if (whole) {
      entries.push(JSON.parse(text.toString('utf8')))
      validLength = newline + 1
    } else if (damagedAt === -1) damagedAt = start
    start = end + 1
  }
  return { entries, validLength }
}
