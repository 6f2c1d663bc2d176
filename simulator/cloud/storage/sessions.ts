import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '../errors.ts'

/** A resumable upload under way, with what it is meant to become. */
export type Session<Target> = Target & { readonly id: string; readonly startedAt: number }

/** https://cloud.google.com/storage/docs/resumable-uploads: a session URI expires after one week. */
const lifetime = 7 * 86_400_000

/** Resumable uploads, on disk, so that a client can go on after a restart. */
export class SessionStore<Target extends object> {
  readonly #directory: string
  readonly #turns = new Map<string, Promise<unknown>>()

  private constructor(directory: string) {
    this.#directory = directory
  }

  /** Opens the folder and deletes sessions that have expired. */
  static async open<Target extends object>(directory: string, now: number): Promise<SessionStore<Target>> {
    await mkdir(directory, { recursive: true })
    const store = new SessionStore<Target>(directory)
    for (const name of await readdir(directory)) {
      const id = name.replace(/\.\w+$/, '')
      const session = await store.find(id)
      if (session === null || now - session.startedAt > lifetime) await store.remove(id)
    }
    return store
  }

  async start(target: Target, now: number): Promise<Session<Target>> {
    const session = { ...target, id: randomBytes(24).toString('base64url'), startedAt: now }
    await writeFile(this.#meta(session.id), JSON.stringify(session))
    return session
  }

  async find(id: string): Promise<Session<Target> | null> {
    if (!/^[\w-]{10,100}$/.test(id)) return null
    try {
      return JSON.parse(await readFile(this.#meta(id), 'utf8')) as Session<Target>
    } catch {
      return null
    }
  }

  /** The number of bytes received so far. */
  async received(id: string): Promise<number> {
    return stat(this.part(id)).then(
      (file) => file.size,
      () => 0,
    )
  }

  async append(id: string, bytes: Uint8Array): Promise<void> {
    const handle = await open(this.part(id), 'a')
    try {
      await handle.appendFile(bytes)
    } finally {
      await handle.close()
    }
  }

  /** The file that holds what was received. */
  part(id: string): string {
    return join(this.#directory, `${id}.part`)
  }

  async remove(id: string): Promise<void> {
    await rm(this.part(id), { force: true })
    await rm(this.#meta(id), { force: true })
  }

  /** Runs one request of a session after the one before. */
  async inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve()
    const turn = before.then(work, work)
    const settled = turn.catch(() => undefined)
    this.#turns.set(id, settled)
    try {
      return await turn
    } finally {
      if (this.#turns.get(id) === settled) this.#turns.delete(id)
    }
  }

  #meta(id: string): string {
    return join(this.#directory, `${id}.json`)
  }
}

/** What a PUT to a session says it carries. */
export interface ContentRange {
  /** Absent where it only asks for the state. */
  readonly start?: number
  /** Absent while the length is not known. */
  readonly total?: number
}

// A range is `0-9`, `0-*` (to the end of the body) or `*` (only asks); the length after the slash may be `*`.
/** Reads the Content-Range of a PUT to a session; without the header all content is in the body. */
export function readContentRange(header: string | undefined, length: number): ContentRange {
  if (header === undefined) return { start: 0, total: length }
  const match = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header.trim())
  if (match === null) throw new ApiError(400, `Failed to parse Content-Range header: ${header}`, 'badRequest')
  const start = match[1] === undefined ? undefined : Number(match[1])
  const open = match[2] === '*'
  const total = match[3] !== '*' ? Number(match[3]) : open && start !== undefined ? start + length : undefined
  if (start !== undefined && !open && Number(match[2]) - start + 1 !== length) {
    throw new ApiError(400, `Content-Range ${header} does not fit a body of ${length} bytes.`, 'badRequest')
  }
  return { ...(start === undefined ? {} : { start }), ...(total === undefined ? {} : { total }) }
}
