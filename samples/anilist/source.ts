import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { collectionAt, wireUser } from './collection.ts'
import { secondsAt } from './day.ts'
import { profileAt } from './profile.ts'
import type { ProfileOptions } from './profile.ts'
import type { Question } from './selection.ts'
import { encodeWire } from './wire.ts'

/** Where the service's answers come from. */
export interface Source {
  /** Name of the one profile that it has. */
  readonly userName: string
  readonly userId: number
  /** The body of an answer on a day. */
  answer(question: Question, date: string): Uint8Array
}

/** The most entries in one chunk, as the API has it. */
const MOST_PER_CHUNK = 500

/** A made-up profile over the catalogue, which changes a little every day. */
export function generatedSource(options: ProfileOptions & { userName?: string } = {}): Source {
  const userName = options.userName ?? 'Gajs'
  let last: { date: string; entries: ReturnType<typeof profileAt> } | undefined

  function entriesAt(date: string): ReturnType<typeof profileAt> {
    if (last?.date !== date) last = { date, entries: profileAt(date, options) }
    return last.entries
  }

  return {
    userName,
    userId: wireUser(userName, 0).id,
    answer(question, date) {
      const user = wireUser(userName, secondsAt(date, 0))
      if (question.field === 'User') return encodeBody(question.select(user))
      // Every entry of the profile is an anime.
      const entries = question.args.type === 'ANIME' ? entriesAt(date) : []
      const perChunk = Math.min(Number(question.args.perChunk ?? MOST_PER_CHUNK), MOST_PER_CHUNK)
      const chunk = Number(question.args.chunk ?? 1)
      return encodeBody(question.select(collectionAt({ date, user, entries, chunk, perChunk })))
    },
  }
}

/**
 * Recorded bodies, served byte for byte whatever is selected and however many entries a chunk should have: a folder
 * with `media_list_collection_chunk<N>.json.gz` and perhaps `user.json.gz`, or one with such a folder per date.
 */
export function recordedSource(folder: string): Source {
  const folderAt = (date: string) => (existsSync(join(folder, date)) ? join(folder, date) : folder)
  const anyDate = existsSync(join(folder, chunkName(1))) ? '' : (readdirSync(folder).find(isDate) ?? '')
  const { user } = readCollection(join(folderAt(anyDate), chunkName(1)))
  return {
    userName: user.name,
    userId: user.id,
    answer(question, date) {
      const own = folderAt(date)
      if (question.field === 'User') {
        const file = join(own, 'user.json.gz')
        if (existsSync(file)) return gunzipSync(readFileSync(file))
        return encodeBody({ User: readCollection(join(own, chunkName(1))).user })
      }
      const file = join(own, chunkName(Number(question.args.chunk ?? 1)))
      if (existsSync(file)) return gunzipSync(readFileSync(file))
      return encodeBody({ MediaListCollection: { hasNextChunk: false, user, lists: [] } })
    },
  }
}

function chunkName(chunk: number): string {
  return `media_list_collection_chunk${chunk}.json.gz`
}

function isDate(name: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(name)
}

function readCollection(file: string): { user: { id: number; name: string } } {
  const body = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as {
    data: { MediaListCollection: { user: { id: number; name: string } } }
  }
  return body.data.MediaListCollection
}

function encodeBody(data: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(encodeWire({ data }))
}
