import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { collectionAt, wireUser } from './collection.ts'
import { secondsAt } from './day.ts'
import { mediaAt } from './media.ts'
import { pageOf } from './page.ts'
import { knownTitles, profileAt } from './profile.ts'
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

export interface GeneratedSourceOptions extends ProfileOptions {
  /** @default 'Gajs' */
  userName?: string
  /** Ids of anime whose entries come without their media object, which `Page` gives. @default [] */
  withoutMedia?: readonly number[]
}

/** A made-up profile over the catalogue, which changes a little every day. */
export function generatedSource(options: GeneratedSourceOptions = {}): Source {
  const userName = options.userName ?? 'Gajs'
  const withoutMedia = new Set(options.withoutMedia)
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
      if (question.field === 'Page') {
        const page = pageOf(question, knownTitles(options.entries))
        return encodeBody(
          question.select({ ...page, media: page.media.map((title) => mediaAt(title, date)) }),
        )
      }
      // Every entry of the profile is an anime.
      const entries = question.args.type === 'ANIME' ? entriesAt(date) : []
      const perChunk = Math.min(Number(question.args.perChunk ?? MOST_PER_CHUNK), MOST_PER_CHUNK)
      const chunk = Number(question.args.chunk ?? 1)
      return encodeBody(question.select(collectionAt({ date, user, entries, chunk, perChunk, withoutMedia })))
    },
  }
}

/**
 * Recorded bodies, served byte for byte whatever is selected and however many entries a chunk should have: a folder
 * with `media_list_collection_chunk<N>.json.gz` and perhaps `user.json.gz`, or one with such a folder per date. `Page`
 * gives the media objects of the day's list, whole.
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
      if (question.field === 'Page') return encodeBody({ Page: pageOf(question, readMedia(own)) })
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

interface RecordedCollection {
  readonly user: { readonly id: number; readonly name: string }
  readonly lists: readonly { readonly entries: readonly { readonly media: { readonly id: number } }[] }[]
}

function readCollection(file: string): RecordedCollection {
  const body = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as {
    data: { MediaListCollection: RecordedCollection }
  }
  return body.data.MediaListCollection
}

/** The media objects of a day's list, each once. */
function readMedia(folder: string): readonly { readonly id: number }[] {
  const media = new Map<number, { readonly id: number }>()
  for (let chunk = 1; existsSync(join(folder, chunkName(chunk))); chunk += 1) {
    const { lists } = readCollection(join(folder, chunkName(chunk)))
    for (const entry of lists.flatMap(({ entries }) => entries)) media.set(entry.media.id, entry.media)
  }
  return [...media.values()]
}

function encodeBody(data: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(encodeWire({ data }))
}
