/** Totals of one snapshot, counted straight from the bodies: a second opinion on what the SQL models make of them. */
export interface Totals {
  /** Rows over all lists; an entry stands in several. */
  readonly rows: number
  /** Distinct entries by id. */
  readonly entries: number
  readonly statuses: Readonly<Record<string, number>>
  /** Entries with a score; 0 is none. */
  readonly scored: number
  /** Of the scores on the 100 scale; null without any. */
  readonly mean: number | null
  /** COMPLETED and REPEATING. */
  readonly watched: number
  /** Watched titles by genre, most first, then by name. */
  readonly genres: readonly { readonly genre: string; readonly watched: number }[]
}

interface Entry {
  readonly id: number
  readonly status: string
  readonly score100: number
  readonly media: { readonly genres: readonly string[] }
}

/** Response bodies of MediaListCollection, parsed, in any order. */
export interface CollectionBody {
  readonly data: {
    readonly MediaListCollection: { readonly lists: readonly { readonly entries: readonly Entry[] }[] }
  }
}

export function totalsOf(bodies: readonly CollectionBody[]): Totals {
  const rows = bodies.flatMap(({ data }) => data.MediaListCollection.lists.flatMap((list) => list.entries))
  const entries = [...new Map(rows.map((entry) => [entry.id, entry])).values()]
  const scores = entries.map((entry) => entry.score100).filter((score) => score > 0)
  const watched = entries.filter(({ status }) => status === 'COMPLETED' || status === 'REPEATING')
  const genres = countBy(watched.flatMap(({ media }) => media.genres))
  return {
    rows: rows.length,
    entries: entries.length,
    statuses: countBy(entries.map(({ status }) => status)),
    scored: scores.length,
    mean: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
    watched: watched.length,
    genres: Object.entries(genres)
      .map(([genre, count]) => ({ genre, watched: count }))
      .toSorted((a, b) => b.watched - a.watched || (a.genre < b.genre ? -1 : 1)),
  }
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
