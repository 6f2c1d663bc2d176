import { catalogue } from './catalogue.ts'
import type { CatalogueTitle, Season } from './catalogue.ts'
import { addDays, dateOf, daysBetween, secondsAt } from './day.ts'
import { createRandom } from './random.ts'
import { unknownDate } from './wire.ts'
import type { FuzzyDate, WireMedia, WireTag } from './wire.ts'

/** The catalogue, followed by made-up sequels where more titles are asked for than it has. */
export function titles(count: number): readonly CatalogueTitle[] {
  return Array.from({ length: count }, (_, index) => {
    const title = catalogue[index % catalogue.length] as CatalogueTitle
    const part = Math.floor(index / catalogue.length) + 1
    if (part === 1) return title
    const name = (text: string | null) => text && `${text} (Part ${part})`
    const { romaji, english, native } = title
    return {
      ...title,
      id: 1_000_000 + index,
      romaji: `${romaji} (Part ${part})`,
      english: name(english),
      native: name(native),
    }
  })
}

const firstMonth: Readonly<Record<Season, number>> = { WINTER: 1, SPRING: 4, SUMMER: 7, FALL: 10 }

/** [name, category, may be a spoiler] by genre. */
const tagsOfGenre: Readonly<Record<string, readonly (readonly [string, string, boolean])[]>> = {
  Action: [
    ['Swordplay', 'Theme-Action', false],
    ['Super Power', 'Theme-Action', false],
  ],
  Adventure: [['Travel', 'Theme-Slice of Life', false]],
  Comedy: [['Slapstick', 'Theme-Comedy', false]],
  Drama: [
    ['Tragedy', 'Theme-Drama', true],
    ['Coming of Age', 'Theme-Drama', false],
  ],
  Ecchi: [['Harem', 'Theme-Romance', false]],
  Fantasy: [['Magic', 'Theme-Fantasy', false]],
  Horror: [['Gore', 'Theme-Other', false]],
  'Mahou Shoujo': [['Primarily Female Cast', 'Cast-Main Cast', false]],
  Mecha: [['Real Robot', 'Theme-Sci-Fi-Mecha', false]],
  Music: [['Band', 'Theme-Arts-Music', false]],
  Mystery: [['Detective', 'Theme-Action', false]],
  Psychological: [['Philosophy', 'Theme-Other', false]],
  Romance: [['Love Triangle', 'Theme-Romance', true]],
  'Sci-Fi': [
    ['Space', 'Setting-Universe', false],
    ['Time Manipulation', 'Theme-Sci-Fi', true],
  ],
  'Slice of Life': [['School', 'Setting-Scene', false]],
  Sports: [['Tournament', 'Theme-Action', false]],
  Supernatural: [['Youkai', 'Theme-Fantasy', false]],
  Thriller: [['Crime', 'Theme-Drama', false]],
}

const tagIds = new Map(
  Object.values(tagsOfGenre)
    .flat()
    .map(([name], index) => [name, 9001 + index]),
)
const studioIds = new Map(
  [...new Set(catalogue.map(({ studio }) => studio))].map((name, index) => [name, 8001 + index]),
)

/** Where means, popularity and favourites start to move, without the media's `updatedAt` moving. */
const still = '2025-01-01'

/** A title as AniList describes it on a day. */
export function mediaAt(title: CatalogueTitle, date: string): WireMedia {
  const random = createRandom(`media ${title.id}`)
  const start = startOf(title, random.below(14) + 1)
  const age = Math.max(0, daysBetween(still, date))
  const mean = title.score
  return {
    id: title.id,
    idMal: title.id < 20_000 ? title.id : null,
    type: 'ANIME',
    format: title.format,
    status: title.episodes === null ? 'RELEASING' : 'FINISHED',
    title: {
      romaji: title.romaji,
      english: title.english,
      native: title.native,
      userPreferred: title.romaji,
    },
    description: random.chance(0.03) ? null : describe(title),
    startDate: start,
    endDate: endOf(title, start),
    season: title.season,
    seasonYear: title.season && title.year,
    episodes: title.episodes,
    duration: title.minutes,
    source: title.source,
    countryOfOrigin: 'JP',
    isAdult: false,
    genres: title.genres,
    averageScore: mean - random.below(2),
    meanScore: mean,
    popularity: title.popularity + Math.floor((age * title.popularity) / 20_000),
    favourites: title.favourites + Math.floor((age * title.favourites) / 15_000),
    tags: tagsOf(title, random.below(30)),
    studios: {
      edges: [
        { isMain: true, node: wireStudio(title.studio, true) },
        ...(random.chance(0.4)
          ? [{ isMain: false, node: { id: 8000, name: 'Aniplex', isAnimationStudio: false } }]
          : []),
      ],
    },
    siteUrl: `https://anilist.co/anime/${title.id}`,
    updatedAt: secondsAt(still, random.below(86_400)),
  }
}

function wireStudio(name: string, isAnimationStudio: boolean) {
  return { id: studioIds.get(name) ?? 0, name, isAnimationStudio }
}

function tagsOf({ genres }: CatalogueTitle, offset: number): WireTag[] {
  const tags = genres.flatMap((genre) => tagsOfGenre[genre] ?? [])
  return tags.map(([name, category, isMediaSpoiler], index) => ({
    id: tagIds.get(name) ?? 0,
    name,
    category,
    rank: Math.max(10, 95 - index * 9 - (offset % 9)),
    isGeneralSpoiler: false,
    isMediaSpoiler,
  }))
}

/** Only the year is known of what belongs to no season. */
function startOf({ season, year, format }: CatalogueTitle, day: number): FuzzyDate {
  if (season === null) return { year, month: null, day: null }
  return { year, month: firstMonth[season] + (format === 'MOVIE' ? 1 : 0), day }
}

function endOf({ episodes, format }: CatalogueTitle, start: FuzzyDate): FuzzyDate {
  if (episodes === null) return unknownDate
  if (format === 'MOVIE' || start.month === null || start.day === null) return start
  const first = `${start.year}-${String(start.month).padStart(2, '0')}-${String(start.day).padStart(2, '0')}`
  return dateOf(addDays(first, (episodes - 1) * 7))
}

function describe({ romaji, studio: maker, year, episodes, genres }: CatalogueTitle): string {
  const length = episodes === null ? 'still running' : episodes === 1 ? 'one part' : `${episodes} episodes`
  return `<i>${romaji}</i> was made by ${maker} and came out in ${year} (${length}).<br><br>\nGenres: ${genres.join(', ')}.`
}
