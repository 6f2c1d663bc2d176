/** The shapes of AniList's answers, as far as the sample gives them. */

export interface FuzzyDate {
  readonly year: number | null
  readonly month: number | null
  readonly day: number | null
}

export const unknownDate: FuzzyDate = { year: null, month: null, day: null }

export interface WireMedia {
  readonly id: number
  readonly idMal: number | null
  readonly type: 'ANIME'
  readonly format: string
  readonly status: 'FINISHED' | 'RELEASING'
  readonly title: {
    readonly romaji: string
    readonly english: string | null
    readonly native: string | null
    readonly userPreferred: string
  }
  readonly description: string | null
  readonly startDate: FuzzyDate
  readonly endDate: FuzzyDate
  readonly season: string | null
  readonly seasonYear: number | null
  readonly episodes: number | null
  readonly duration: number
  readonly source: string
  readonly countryOfOrigin: string
  readonly isAdult: boolean
  readonly genres: readonly string[]
  readonly averageScore: number
  readonly meanScore: number
  readonly popularity: number
  readonly favourites: number
  readonly tags: readonly WireTag[]
  readonly studios: {
    readonly edges: readonly {
      readonly isMain: boolean
      readonly node: { readonly id: number; readonly name: string; readonly isAnimationStudio: boolean }
    }[]
  }
  readonly siteUrl: string
  readonly updatedAt: number
}

export interface WireTag {
  readonly id: number
  readonly name: string
  readonly category: string
  readonly rank: number
  readonly isGeneralSpoiler: boolean
  readonly isMediaSpoiler: boolean
}

export interface WireEntry {
  readonly id: number
  readonly userId: number
  readonly mediaId: number
  readonly status: string
  /** 0 to 100; the API gives it in the user's format or in the one asked for. */
  readonly score: number
  readonly progress: number
  readonly progressVolumes: null
  readonly repeat: number
  readonly priority: number
  readonly private: boolean
  readonly notes: string | null
  readonly hiddenFromStatusLists: boolean
  readonly customLists: Readonly<Record<string, boolean>>
  readonly advancedScores: Readonly<Record<string, number>>
  readonly startedAt: FuzzyDate
  readonly completedAt: FuzzyDate
  readonly updatedAt: number
  readonly createdAt: number
  readonly media: WireMedia | null
}

export interface WireList {
  readonly name: string
  readonly isCustomList: boolean
  readonly isSplitCompletedList: boolean
  readonly status: string | null
  readonly entries: readonly WireEntry[]
}

export interface WireUser {
  readonly id: number
  readonly name: string
  readonly about: null
  readonly siteUrl: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly mediaListOptions: {
    readonly scoreFormat: ScoreFormat
    readonly rowOrder: string
    readonly animeList: {
      readonly sectionOrder: readonly string[]
      readonly splitCompletedSectionByFormat: boolean
      readonly customLists: readonly string[]
      readonly advancedScoring: readonly string[]
      readonly advancedScoringEnabled: boolean
    }
  }
}

export interface WireCollection {
  readonly hasNextChunk: boolean
  readonly user: WireUser
  readonly lists: readonly WireList[]
}

export const scoreFormats = ['POINT_100', 'POINT_10_DECIMAL', 'POINT_10', 'POINT_5', 'POINT_3'] as const
export type ScoreFormat = (typeof scoreFormats)[number]

/** A score of 0 to 100 in another format; 0 is "no score" in all of them. */
export function scoreIn(format: ScoreFormat, score: number): number {
  if (score === 0) return 0
  switch (format) {
    case 'POINT_100':
      return score
    case 'POINT_10_DECIMAL':
      return Math.round(score) / 10
    case 'POINT_10':
      return Math.max(1, Math.floor(score / 10))
    case 'POINT_5':
      return Math.max(1, Math.round(score / 20))
    default:
      return score <= 35 ? 1 : score <= 60 ? 2 : 3
  }
}

/** JSON as PHP writes it: slashes escaped, everything beyond ASCII as `\uXXXX`. */
export function encodeWire(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', String.raw`\/`)
    .replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
