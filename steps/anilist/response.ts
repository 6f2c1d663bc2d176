import { z } from 'zod'

/**
 * What AniList answers, as far as it has been seen: every field but the ids may be null or missing. Values are not
 * judged here. A body is staged whatever it holds, and each entry is judged where rows are made of it.
 */

const fuzzyDate = z.looseObject({
  year: z.int().nullish(),
  month: z.int().nullish(),
  day: z.int().nullish(),
})

const title = z.looseObject({
  romaji: z.string().nullish(),
  english: z.string().nullish(),
  native: z.string().nullish(),
  userPreferred: z.string().nullish(),
})

const tag = z.looseObject({
  id: z.int().nullish(),
  name: z.string().nullish(),
  category: z.string().nullish(),
  rank: z.int().nullish(),
  isGeneralSpoiler: z.boolean().nullish(),
  isMediaSpoiler: z.boolean().nullish(),
})

const studios = z.looseObject({
  edges: z
    .array(
      z
        .looseObject({
          isMain: z.boolean().nullish(),
          node: z.looseObject({ id: z.int(), name: z.string().nullish() }).nullish(),
        })
        .nullable(),
    )
    .nullish(),
})

export const mediaSchema = z.looseObject({
  id: z.int().nullish(),
  idMal: z.int().nullish(),
  type: z.string().nullish(),
  format: z.string().nullish(),
  status: z.string().nullish(),
  title: title.nullish(),
  description: z.string().nullish(),
  startDate: fuzzyDate.nullish(),
  endDate: fuzzyDate.nullish(),
  season: z.string().nullish(),
  seasonYear: z.int().nullish(),
  episodes: z.int().nullish(),
  duration: z.int().nullish(),
  source: z.string().nullish(),
  countryOfOrigin: z.string().nullish(),
  isAdult: z.boolean().nullish(),
  genres: z.array(z.string().nullable()).nullish(),
  averageScore: z.number().nullish(),
  meanScore: z.number().nullish(),
  popularity: z.int().nullish(),
  favourites: z.int().nullish(),
  tags: z.array(tag.nullable()).nullish(),
  studios: studios.nullish(),
  updatedAt: z.int().nullish(),
})

/**
 * What rows can be made of: an id, a title in some spelling, and genres. Whatever else is null AniList does not know,
 * and would not know a moment later.
 */
export const describedMediaSchema = z.looseObject({
  id: z.int(),
  title: title.refine(({ romaji, english, native, userPreferred }) =>
    [romaji, english, native, userPreferred].some((spelling) => spelling),
  ),
  genres: z.array(z.string().nullable()),
})

export const entrySchema = z.looseObject({
  id: z.int().nullish(),
  userId: z.int().nullish(),
  mediaId: z.int().nullish(),
  status: z.string().nullish(),
  score: z.number().nullish(),
  score100: z.number().nullish(),
  progress: z.int().nullish(),
  progressVolumes: z.int().nullish(),
  repeat: z.int().nullish(),
  priority: z.int().nullish(),
  private: z.boolean().nullish(),
  notes: z.string().nullish(),
  hiddenFromStatusLists: z.boolean().nullish(),
  // A map of user text to boolean, or, asked for so, an array; Json in the schema.
  customLists: z.unknown().optional(),
  advancedScores: z.unknown().optional(),
  startedAt: fuzzyDate.nullish(),
  completedAt: fuzzyDate.nullish(),
  updatedAt: z.int().nullish(),
  createdAt: z.int().nullish(),
  media: mediaSchema.nullish(),
})

const listSchema = z.looseObject({
  name: z.string().nullish(),
  isCustomList: z.boolean().nullish(),
  isSplitCompletedList: z.boolean().nullish(),
  status: z.string().nullish(),
  entries: z.array(z.unknown()).nullish(),
})

const userSchema = z.looseObject({
  id: z.int(),
  name: z.string(),
  mediaListOptions: z
    .looseObject({
      scoreFormat: z.string().nullish(),
      animeList: z.looseObject({ customLists: z.array(z.string().nullable()).nullish() }).nullish(),
    })
    .nullish(),
})

export const mediaListCollectionSchema = z.looseObject({
  hasNextChunk: z.boolean().nullish(),
  user: userSchema.nullish(),
  lists: z.array(listSchema.nullable()).nullish(),
})

const errorSchema = z.looseObject({
  message: z.string(),
  status: z.int().nullish(),
  validation: z.record(z.string(), z.unknown()).nullish(),
})

/** The body of any answer, with data or without. */
export const bodySchema = z.looseObject({
  data: z.looseObject({}).nullish(),
  errors: z.array(errorSchema).nullish(),
})

export const userDataSchema = z.looseObject({ User: userSchema.nullish() })
export const listDataSchema = z.looseObject({ MediaListCollection: mediaListCollectionSchema.nullish() })
export const pageDataSchema = z.looseObject({
  Page: z.looseObject({ media: z.array(z.unknown()).nullish() }).nullish(),
})

export type AniListCollection = z.infer<typeof mediaListCollectionSchema>
export type AniListError = z.infer<typeof errorSchema>
