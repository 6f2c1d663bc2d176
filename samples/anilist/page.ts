import type { Question } from './selection.ts'

/** The most on one page, as the API has it. */
const MOST_PER_PAGE = 50

export interface WirePage<Media> {
  readonly pageInfo: {
    readonly total: number
    readonly perPage: number
    readonly currentPage: number
    readonly lastPage: number
    readonly hasNextPage: boolean
  }
  readonly media: readonly Media[]
}

/** What `Page { media(id_in, type) }` gives of the anime that there are, by id; ids that nobody knows are left out. */
export function pageOf<Media extends { readonly id: number }>(
  question: Question,
  anime: readonly Media[],
): WirePage<Media> {
  const { id_in: ids, type = 'ANIME' } = question.argsBelow('media')
  const perPage = Math.min(Number(question.args.perPage ?? MOST_PER_PAGE), MOST_PER_PAGE)
  const currentPage = Number(question.args.page ?? 1)
  const found = anime
    .filter(({ id }) => type === 'ANIME' && (!Array.isArray(ids) || ids.includes(id)))
    .toSorted((a, b) => a.id - b.id)
  const lastPage = Math.max(1, Math.ceil(found.length / perPage))
  return {
    pageInfo: { total: found.length, perPage, currentPage, lastPage, hasNextPage: currentPage < lastPage },
    media: found.slice((currentPage - 1) * perPage, currentPage * perPage),
  }
}
