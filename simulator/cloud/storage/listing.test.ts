import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Catalog } from './catalog.ts'
import { listObjects } from './listing.ts'
import type { ObjectVersion } from './model.ts'

/** Names of a few letters and slashes, so that prefixes and delimiters meet often. */
const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 5 }))

/** A catalog with a live version of each name; those in `dead` have only noncurrent ones. */
function catalogOf(all: readonly string[], dead: ReadonlySet<string>): Catalog {
  const versions = (name: string): ObjectVersion[] => {
    const old = { name, generation: 1, noncurrentAt: 5 }
    return (dead.has(name) ? [old] : [old, { name, generation: 2 }]) as ObjectVersion[]
  }
  return {
    names: () => all.toSorted(),
    versions: (_: string, name: string) => versions(name),
    find: (_: string, name: string) => versions(name).find((version) => version.noncurrentAt === undefined),
  } as unknown as Catalog
}

function entriesOf(catalog: Catalog, query: Record<string, string>): { found: string[]; pages: number } {
  const found: string[] = []
  let pageToken = ''
  for (let pages = 1; ; pages += 1) {
    const page = listObjects(catalog, 'b', new URLSearchParams({ ...query, pageToken }))
    found.push(...page.items.map(({ name, generation }) => `${name}#${generation}`), ...page.prefixes)
    if (page.nextPageToken === undefined) return { found: found.toSorted(), pages }
    pageToken = page.nextPageToken
  }
}

/** The listing as the documentation describes it, without pages. */
function expected(
  all: readonly string[],
  dead: ReadonlySet<string>,
  query: Record<string, string>,
): string[] {
  const { prefix = '', delimiter = '', versions, startOffset = '', endOffset = '' } = query
  const result = new Set<string>()
  for (const name of all) {
    if (!name.startsWith(prefix) || name < startOffset || (endOffset !== '' && name >= endOffset)) continue
    if (versions !== 'true' && dead.has(name)) continue
    const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length)
    if (at !== -1) result.add(name.slice(0, at + 1))
    else {
      if (versions === 'true') result.add(`${name}#1`)
      if (!dead.has(name)) result.add(`${name}#2`)
    }
  }
  return [...result].toSorted()
}

test('pages of any size add up to the listing', () => {
  const query = fc.record({
    prefix: fc.constantFrom('', 'a', 'a/', 'b'),
    delimiter: fc.constantFrom('', '/'),
    versions: fc.constantFrom('false', 'true'),
    startOffset: fc.constantFrom('', 'a/', 'b'),
    endOffset: fc.constantFrom('', 'b', 'b/'),
    maxResults: fc.constantFrom('1', '2', '3', '1000'),
  })
  fc.assert(
    fc.property(names, fc.array(fc.nat(10)), query, (all, indices, given) => {
      const dead = new Set(indices.map((index) => all[index]).filter((name) => name !== undefined))
      const { found, pages } = entriesOf(catalogOf(all, dead), given)
      expect(found).toEqual(expected(all, dead, given))
      expect(pages).toBeLessThanOrEqual(found.length / Number(given.maxResults) + 1)
    }),
    { numRuns: 500 },
  )
})

test('a page token of another making is refused', () => {
  const query = new URLSearchParams({ pageToken: 'nonsense' })
  expect(() => listObjects(catalogOf([], new Set()), 'b', query)).toThrow(/Invalid page token/)
})
