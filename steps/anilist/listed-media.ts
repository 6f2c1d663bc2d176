import { z } from 'zod'
import { describedMediaSchema } from './response.ts'
import type { AniListCollection } from './response.ts'

const entrySchema = z.looseObject({ mediaId: z.int().nullish().catch(null), media: z.unknown().optional() })
const identifiedSchema = z.looseObject({ id: z.int() })

/** Ids of the anime that a part of a list names, and of those that it describes well enough to make rows of. */
export interface ListedMedia {
  readonly named: readonly number[]
  readonly described: readonly number[]
}

/** Reads each entry for itself: what is wrong with the rest of it does not matter here. */
export function listedMedia({ lists }: AniListCollection): ListedMedia {
  const entries = (lists ?? [])
    .flatMap((list) => list?.entries ?? [])
    .map((entry) => entrySchema.safeParse(entry).data)
  return {
    named: entries.flatMap(
      (entry) => entry?.mediaId ?? identifiedSchema.safeParse(entry?.media).data?.id ?? [],
    ),
    described: entries.flatMap((entry) => describedMediaSchema.safeParse(entry?.media).data?.id ?? []),
  }
}
