import { defineStep } from '../runtime/step.ts'
import type { StepContext } from '../runtime/step.ts'
import { createAniListClient } from './client.ts'
import { fetchMedia } from './contract.ts'
import { listedMedia } from './listed-media.ts'
import { mediaPageQuery } from './queries.ts'
import { bodySchema, describedMediaSchema, listDataSchema, pageDataSchema } from './response.ts'
import { openSnapshot } from './snapshot.ts'
import { readBody, readManifest } from './staged.ts'

/** The most that AniList gives on one page. */
const PER_PAGE = 50
/** With the profile and a list of 7,000 entries still what the budget lets through in a minute. */
const MOST_PAGES = 10
const DAY_MS = 86_400_000

const type = 'ANIME'

/** ceil(missing / 50) requests, 10 at most, and none where the list describes all its anime. */
export default defineStep(fetchMedia, async ({ userName, date, list }, context) => {
  const day = date ?? context.run.date
  const missing = await readMissing(context, list)
  const asked = shareOf(missing, day)
  const pages = Array.from({ length: Math.ceil(asked.length / PER_PAGE) }, (_, index) =>
    asked.slice(index * PER_PAGE, (index + 1) * PER_PAGE),
  )
  const client = createAniListClient(context, null)
  const snapshot = openSnapshot(context, { resource: 'media', userName, type, date: day })

  const found = new Set<number>()
  const objects = []
  try {
    for (const [index, ids] of pages.entries()) {
      const chunk = index + 1
      const { Page: page } = await client.ask({
        query: mediaPageQuery,
        variables: { id_in: ids, type, perPage: PER_PAGE },
        data: pageDataSchema,
        onBody: (exchange) => snapshot.stage(chunk, exchange),
        onRefusal: (exchange) => snapshot.refuse(chunk, exchange),
      })
      for (const media of page?.media ?? []) {
        const id = describedMediaSchema.safeParse(media).data?.id
        if (id !== undefined && ids.includes(id)) found.add(id)
      }
      const { object, generation, md5, bytes, has_next } = snapshot.accept(chunk, chunk < pages.length)
      objects.push({ object, generation, md5, bytes, chunk, hasNext: has_next })
    }
    const complete = asked.length === missing.length
    const manifest = await snapshot.finish(complete)
    report(context, { missing: missing.length, asked: asked.length, found: found.size })
    return {
      userName,
      date: day,
      complete,
      missing: missing.length,
      asked: asked.length,
      found: found.size,
      manifest: { object: manifest.name, generation: manifest.generation },
      objects,
    }
  } catch (error) {
    await snapshot.abandon()
    throw error
  }
})

/**
 * Ids of the anime that the list names and no entry of it describes, ascending. An entry comes again in each custom
 * list, perhaps in another chunk: one that is described anywhere is not missing.
 */
async function readMissing(
  { store }: StepContext,
  list: { object: string; generation: string },
): Promise<readonly number[]> {
  const named = new Set<number>()
  const described = new Set<number>()
  for (const chunk of (await readManifest(store, list)).chunks) {
    const { data } = bodySchema.parse(await readBody(store, chunk))
    const { MediaListCollection: collection } = listDataSchema.parse(data)
    const ids = listedMedia(collection ?? {})
    for (const id of ids.named) named.add(id)
    for (const id of ids.described) described.add(id)
  }
  return [...named].filter((id) => !described.has(id)).toSorted((a, b) => a - b)
}

/** Where more are missing than one run asks for, the days take turns, so that all are asked for in the end. */
function shareOf(ids: readonly number[], day: string): readonly number[] {
  const most = PER_PAGE * MOST_PAGES
  const turns = Math.max(1, Math.ceil(ids.length / most))
  const turn = Math.floor(Date.parse(day) / DAY_MS) % turns
  return ids.slice(turn * most, (turn + 1) * most)
}

function report(
  { log }: StepContext,
  { missing, asked, found }: { missing: number; asked: number; found: number },
): void {
  if (missing === 0) return log.info('the list describes all its anime')
  log.info(`${missing} anime are not described by the list: ${asked} asked for, ${found} found`)
  if (asked < missing) log.warning(`${missing - asked} anime are left to later days`)
  if (found < asked) log.warning(`AniList does not describe ${asked - found} anime of the list`)
}
