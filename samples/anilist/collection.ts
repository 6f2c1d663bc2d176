import { mediaAt } from './media.ts'
import { customLists } from './profile.ts'
import type { ProfileEntry, Status } from './profile.ts'
import type { WireCollection, WireEntry, WireList, WireMedia, WireUser } from './wire.ts'

/** Sections of the profile in their order; what is completed is split by format. */
const sections = [
  'Watching',
  'Completed TV',
  'Completed Movie',
  'Completed OVA',
  'Completed ONA',
  'Completed TV Short',
  'Completed Special',
  'Completed Music',
  'Rewatching',
  'Paused',
  'Dropped',
  'Planning',
] as const

const sectionOf: Readonly<Record<Exclude<Status, 'COMPLETED'>, string>> = {
  CURRENT: 'Watching',
  REPEATING: 'Rewatching',
  PAUSED: 'Paused',
  DROPPED: 'Dropped',
  PLANNING: 'Planning',
}

const formatNames: Readonly<Record<string, string>> = {
  TV: 'TV',
  MOVIE: 'Movie',
  OVA: 'OVA',
  ONA: 'ONA',
  TV_SHORT: 'TV Short',
  SPECIAL: 'Special',
  MUSIC: 'Music',
}

const advancedScoring = ['Story', 'Characters', 'Visuals', 'Audio', 'Enjoyment'] as const

export function wireUser(name: string, updatedAt: number): WireUser {
  return {
    id: 5_310_042,
    name,
    about: null,
    siteUrl: `https://anilist.co/user/${name}`,
    createdAt: 1_420_113_600,
    updatedAt,
    mediaListOptions: {
      scoreFormat: 'POINT_10_DECIMAL',
      rowOrder: 'score',
      animeList: {
        sectionOrder: sections,
        splitCompletedSectionByFormat: true,
        customLists,
        advancedScoring,
        advancedScoringEnabled: false,
      },
    },
  }
}

/**
 * One chunk of a profile, the most recently updated entries first. Each chunk is grouped on its own, so the same list
 * comes back in several; an entry stands in its status list, unless hidden from it, and again in each custom list.
 */
export function collectionAt(options: {
  date: string
  user: WireUser
  entries: readonly ProfileEntry[]
  chunk: number
  perChunk: number
  /** Anime whose entries come without their media object. */
  withoutMedia: ReadonlySet<number>
}): WireCollection {
  const { date, user, entries, chunk, perChunk, withoutMedia } = options
  const sorted = entries.toSorted((a, b) => b.updatedAt - a.updatedAt || a.id - b.id)
  const part = sorted.slice((chunk - 1) * perChunk, chunk * perChunk)
  const rows = part.map((entry) => {
    const media = withoutMedia.has(entry.title.id) ? null : mediaAt(entry.title, date)
    return { entry, wire: wireEntry(entry, user.id, media) }
  })

  const statusLists = sections.map((name): WireList => {
    const own = rows.filter(({ entry }) => !entry.hidden && sectionName(entry) === name)
    return {
      name,
      isCustomList: false,
      isSplitCompletedList: name.startsWith('Completed'),
      status: own[0]?.entry.status ?? null,
      entries: own.map(({ wire }) => wire),
    }
  })
  const custom = customLists.map((name): WireList => {
    const own = rows.filter(({ entry }) => entry.lists.includes(name))
    return {
      name,
      isCustomList: true,
      isSplitCompletedList: false,
      status: null,
      entries: own.map(({ wire }) => wire),
    }
  })
  return {
    hasNextChunk: sorted.length > chunk * perChunk,
    user,
    lists: [...statusLists, ...custom].filter((list) => list.entries.length > 0),
  }
}

function sectionName({ status, title }: ProfileEntry): string {
  return status === 'COMPLETED' ? `Completed ${formatNames[title.format] ?? 'TV'}` : sectionOf[status]
}

function wireEntry(entry: ProfileEntry, userId: number, media: WireMedia | null): WireEntry {
  const { id, title, status, score, progress, repeat, notes, hidden, lists } = entry
  return {
    id,
    userId,
    mediaId: title.id,
    status,
    score,
    progress,
    progressVolumes: null,
    repeat,
    priority: 0,
    private: false,
    notes,
    hiddenFromStatusLists: hidden,
    customLists: Object.fromEntries(customLists.map((name) => [name, lists.includes(name)])),
    advancedScores: Object.fromEntries(advancedScoring.map((name) => [name, 0])),
    startedAt: entry.startedAt,
    completedAt: entry.completedAt,
    updatedAt: entry.updatedAt,
    createdAt: entry.createdAt,
    media,
  }
}
