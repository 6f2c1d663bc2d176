import { catalogue } from './catalogue.ts'
import type { CatalogueTitle } from './catalogue.ts'
import { addDays, dateOf, secondsAt } from './day.ts'
import { titles } from './media.ts'
import { createRandom } from './random.ts'
import type { Random } from './random.ts'
import { unknownDate } from './wire.ts'
import type { FuzzyDate } from './wire.ts'

/** Names of the custom lists; the last ends in a blank, as user text may. */
export const customLists = ['Domingo à tarde', 'Movies & shorts', 'Best of all '] as const

export type Status = 'CURRENT' | 'PLANNING' | 'COMPLETED' | 'DROPPED' | 'PAUSED' | 'REPEATING'

/** One entry of the profile, as its owner sees it. */
export interface ProfileEntry {
  readonly id: number
  readonly title: CatalogueTitle
  readonly status: Status
  /** 0 to 100; 0 is "no score". */
  readonly score: number
  readonly progress: number
  readonly repeat: number
  readonly notes: string | null
  readonly hidden: boolean
  readonly lists: readonly string[]
  readonly startedAt: FuzzyDate
  readonly completedAt: FuzzyDate
  readonly updatedAt: number
  /** 0 for old imports. */
  readonly createdAt: number
}

export interface ProfileOptions {
  /** @default 'gajs' */
  seed?: string
  /** Entries on the first day. @default 120 */
  entries?: number
}

const FIRST_ENTRIES = 120

/** The day on which the profile starts to change; before it, it is as on that day. */
const firstDay = '2025-01-01'

/** Every title that a profile of so many entries can ever hold. */
export function knownTitles(count = FIRST_ENTRIES): readonly CatalogueTitle[] {
  return titles(Math.max(catalogue.length, Math.ceil(count * 1.3)))
}

/** The entries of the profile on a day: the first day's, changed day by day. The same for the same options. */
export function profileAt(date: string, options: ProfileOptions = {}): readonly ProfileEntry[] {
  const { seed = 'gajs', entries: count = FIRST_ENTRIES } = options
  const known = knownTitles(count)
  const rare = known.filter(({ season }) => season === null)
  const usual = known.filter(({ season }) => season !== null)
  // The few titles without a season are always on the list, so that no run misses them.
  const order = [...rare, ...shuffle(usual, createRandom(`${seed} order`))]
  let entries: readonly ProfileEntry[] = order
    .slice(0, count)
    .map((title, index) => firstEntry(title, index, createRandom(`${seed} ${title.id}`)))
  let unlisted = order.slice(count)
  let nextId = entries.length

  for (let day = addDays(firstDay, 1); day <= date; day = addDays(day, 1)) {
    const random = createRandom(`${seed} ${day}`)
    entries = entries.map((entry) => watch(entry, day, random))
    entries = startAnother(entries, day, random)
    if (random.chance(0.12)) entries = rescore(entries, day, random)
    if (random.chance(0.02)) entries = remove(entries, random)
    const [title, ...rest] = unlisted
    if (title && random.chance(0.1)) {
      entries = [...entries, plan(title, nextId, day, random)]
      nextId += 1
      unlisted = rest
    }
  }
  return entries
}

function shuffle<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

const firstStatuses: readonly Status[] = [
  ...Array<Status>(11).fill('COMPLETED'),
  ...Array<Status>(5).fill('PLANNING'),
  'CURRENT',
  'PAUSED',
  'DROPPED',
  'DROPPED',
]

const notes = [
  'Watched with friends 😀',
  'Até o fim!',
  'again "soon"\nthe second half is better',
  'see https://example.com/a/b',
]

function firstEntry(title: CatalogueTitle, index: number, random: Random): ProfileEntry {
  const drawn = index === 7 ? 'REPEATING' : random.pick(firstStatuses)
  // What has no planned end cannot have been watched to it.
  const status = title.episodes === null && drawn === 'COMPLETED' ? 'CURRENT' : drawn
  const day = addDays(firstDay, -1 - random.below(3000))
  const episodes = title.episodes ?? 1100
  const hidden = status === 'COMPLETED' && index % 40 === 13
  const lists = customLists.filter((_, position) => random.chance([0.12, 0.1, 0.15][position] ?? 0))
  return {
    id: 410_000_000 + index * 17,
    title,
    status,
    score: isScored(status) && random.chance(0.75) ? score(title, random) : 0,
    progress: firstProgress(status, episodes, random),
    repeat: status === 'COMPLETED' && random.chance(0.12) ? 1 + random.below(2) : 0,
    notes: random.chance(0.12) ? random.pick(notes) : null,
    hidden,
    // Hidden from the status lists it would be nowhere without a custom one.
    lists: hidden && lists.length === 0 ? [customLists[0]] : lists,
    startedAt: status === 'PLANNING' ? unknownDate : blur(addDays(day, -episodes), random),
    completedAt: status === 'COMPLETED' || status === 'REPEATING' ? blur(day, random) : unknownDate,
    updatedAt: secondsAt(day, random.below(86_400)),
    createdAt: random.chance(0.1) ? 0 : secondsAt(addDays(day, -30), random.below(86_400)),
  }
}

function firstProgress(status: Status, episodes: number, random: Random): number {
  switch (status) {
    case 'COMPLETED':
      // Some count the episodes of a special that AniList keeps as a title of its own.
      return random.chance(0.03) ? episodes + 1 : episodes
    case 'PLANNING':
      return random.chance(0.04) ? 1 : 0
    default:
      return random.below(episodes)
  }
}

function isScored(status: Status): boolean {
  return status === 'COMPLETED' || status === 'REPEATING' || status === 'DROPPED'
}

function score(title: CatalogueTitle, random: Random): number {
  return Math.min(100, Math.max(10, title.score - 22 + 5 * random.below(9)))
}

/** People remember some days, some months, some years, and some not at all. */
function blur(day: string, random: Random): FuzzyDate {
  const { year, month, day: dayOfMonth } = dateOf(day)
  const precision = random.below(20)
  if (precision < 13) return { year, month, day: dayOfMonth }
  if (precision < 15) return { year, month, day: null }
  if (precision < 17) return { year, month: null, day: null }
  return unknownDate
}

function watch(entry: ProfileEntry, day: string, random: Random): ProfileEntry {
  if (entry.status !== 'CURRENT' && entry.status !== 'REPEATING') return entry
  if (random.chance(0.01))
    return { ...entry, status: random.pick(['PAUSED', 'DROPPED'] as const), updatedAt: noon(day, random) }
  if (!random.chance(0.45)) return entry
  const { episodes } = entry.title
  const progress = Math.min(entry.progress + 1 + random.below(2), episodes ?? Number.POSITIVE_INFINITY)
  const watched = { ...entry, progress, updatedAt: noon(day, random) }
  if (progress !== episodes) return watched
  return {
    ...watched,
    status: 'COMPLETED',
    repeat: entry.status === 'REPEATING' ? entry.repeat + 1 : entry.repeat,
    score: entry.score === 0 && random.chance(0.8) ? score(entry.title, random) : entry.score,
    completedAt: entry.status === 'REPEATING' ? entry.completedAt : dateOf(day),
  }
}

/** Five at a time: something planned or paused, and one that was seen before. */
function startAnother(
  entries: readonly ProfileEntry[],
  day: string,
  random: Random,
): readonly ProfileEntry[] {
  const running = entries.filter(({ status }) => status === 'CURRENT' || status === 'REPEATING')
  if (running.length >= 5 || !random.chance(0.5)) return entries
  const isRewatching = running.some(({ status }) => status === 'REPEATING')
  const wanted: readonly Status[] =
    !isRewatching && random.chance(0.5) ? ['COMPLETED'] : ['PLANNING', 'PAUSED']
  const candidates = entries.filter(({ status, title }) => wanted.includes(status) && title.episodes !== null)
  if (candidates.length === 0) return entries
  const chosen = random.pick(candidates)
  const updatedAt = noon(day, random)
  return replace(entries, chosen, () => {
    if (chosen.status === 'COMPLETED') return { ...chosen, status: 'REPEATING', progress: 0, updatedAt }
    const startedAt = chosen.status === 'PLANNING' ? dateOf(day) : chosen.startedAt
    return { ...chosen, status: 'CURRENT', startedAt, updatedAt }
  })
}

function rescore(entries: readonly ProfileEntry[], day: string, random: Random): readonly ProfileEntry[] {
  const completed = entries.filter(({ status }) => status === 'COMPLETED')
  if (completed.length === 0) return entries
  const chosen = random.pick(completed)
  return replace(entries, chosen, () => ({
    ...chosen,
    score: score(chosen.title, random),
    updatedAt: noon(day, random),
  }))
}

/** Deleted or turned private: who reads without a token cannot tell. */
function remove(entries: readonly ProfileEntry[], random: Random): readonly ProfileEntry[] {
  const chosen = random.pick(entries)
  return entries.filter((entry) => entry !== chosen)
}

function plan(title: CatalogueTitle, index: number, day: string, random: Random): ProfileEntry {
  const now = noon(day, random)
  return {
    id: 410_000_000 + index * 17,
    title,
    status: 'PLANNING',
    score: 0,
    progress: 0,
    repeat: 0,
    notes: null,
    hidden: false,
    lists: title.format === 'MOVIE' ? [customLists[1]] : [],
    startedAt: unknownDate,
    completedAt: unknownDate,
    updatedAt: now,
    createdAt: now,
  }
}

function replace(
  entries: readonly ProfileEntry[],
  old: ProfileEntry,
  change: () => ProfileEntry,
): readonly ProfileEntry[] {
  const changed = change()
  return entries.map((entry) => (entry === old ? changed : entry))
}

function noon(day: string, random: Random): number {
  return secondsAt(day, 43_200 + random.below(3600))
}
