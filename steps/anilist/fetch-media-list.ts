import { StepError } from '../runtime/error.ts'
import { defineStep } from '../runtime/step.ts'
import { createAniListClient } from './client.ts'
import { fetchMediaList } from './contract.ts'
import { mediaListQuery } from './queries.ts'
import { entrySchema, listDataSchema } from './response.ts'
import type { AniListCollection } from './response.ts'
import { openSnapshot } from './snapshot.ts'

/** The most that AniList gives in one chunk. */
const PER_CHUNK = 500
/** AniList returns the 11,000 most recently updated entries at most; a list of that size may be cut. */
const MOST_ENTRIES = 11_000
/** Twice as many as the cap allows: whoever goes on beyond this is going round in circles. */
const MOST_CHUNKS = 44

const type = 'ANIME'

/** ceil(entries / 500) requests, at least one. */
export default defineStep(fetchMediaList, async ({ userName, date }, context) => {
  const day = date ?? context.run.date
  const client = createAniListClient(context, userName)
  const snapshot = openSnapshot(context, { resource: 'media_list', userName, type, date: day })

  async function fetchChunk(chunk: number): Promise<AniListCollection> {
    const { MediaListCollection: collection } = await client.ask({
      query: mediaListQuery,
      variables: { userName, type, chunk, perChunk: PER_CHUNK },
      data: listDataSchema,
      onBody: (exchange) => snapshot.stage(chunk, exchange),
      onRefusal: (exchange) => snapshot.refuse(chunk, exchange),
    })
    if (collection) return collection
    const message = `AniList gave no list for the profile "${userName}"`
    throw new StepError({ code: 'user_not_found', message, retryable: false })
  }

  const entries = new Set<number>()
  const objects = []
  let strange = 0
  let isLast = false
  let saysEnd = false
  try {
    for (let chunk = 1; !isLast; chunk += 1) {
      if (chunk > MOST_CHUNKS) {
        const message = `the list of "${userName}" has not ended after ${MOST_CHUNKS} chunks of ${PER_CHUNK}`
        throw new StepError({ code: 'endless_list', message, retryable: false })
      }
      const collection = await fetchChunk(chunk)
      const counted = countEntries(collection, entries)
      strange += counted.strange
      isLast = collection.hasNextChunk !== true
      saysEnd = collection.hasNextChunk === false
      const { object, generation, md5, bytes, has_next } = snapshot.accept(chunk, !isLast)
      objects.push({ object, generation, md5, bytes, chunk, hasNext: has_next })
      context.log.info(`chunk ${chunk}: ${counted.rows} rows, ${entries.size} entries so far`, { object })
    }
    if (strange > 0) context.log.warning(`${strange} entries do not have the documented shape`)
    // Who is missing from a complete snapshot counts as gone, so a doubtful one is not complete.
    const complete = saysEnd && entries.size < MOST_ENTRIES
    if (!complete) context.log.warning(`the list of ${entries.size} entries may not be all of it`)
    const manifest = await snapshot.finish(complete)
    return {
      userName,
      date: day,
      complete,
      chunks: objects.length,
      entries: entries.size,
      manifest: { object: manifest.name, generation: manifest.generation },
      objects,
    }
  } catch (error) {
    await snapshot.abandon()
    throw error
  }
})

/** Adds the ids of a chunk's entries. An entry of another shape is left to the quarantine of the next layer. */
function countEntries(collection: AniListCollection, ids: Set<number>): { rows: number; strange: number } {
  const rows = (collection.lists ?? []).flatMap((list) => list?.entries ?? [])
  let strange = 0
  for (const row of rows) {
    const { data: entry } = entrySchema.safeParse(row)
    if (typeof entry?.id === 'number') ids.add(entry.id)
    else strange += 1
  }
  return { rows: rows.length, strange }
}
