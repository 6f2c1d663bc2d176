import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { buildSchema, Kind, parse, validate } from 'graphql'
import type { FieldNode, SelectionSetNode } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readQuestion } from '../../samples/anilist/selection.ts'
import { mediaListQuery, mediaPageQuery, userQuery } from './queries.ts'

const documents = { userQuery, mediaListQuery, mediaPageQuery }

/** The API's cap (docs.anilist.co/guide, error "Max query complexity should be 500"). */
const CAP = 500
/** How many nodes a connection within an object gives at most. */
const CONNECTION = 25
const connections = new Set(['studios'])

/** Counts each field once, and what stands in a connection as often as it can come: more than the API counts. */
function worstCase(set: SelectionSetNode): number {
  return set.selections
    .filter((selection): selection is FieldNode => selection.kind === Kind.FIELD)
    .reduce((sum, { name, selectionSet }) => {
      const inner = selectionSet ? worstCase(selectionSet) : 0
      return sum + 1 + inner * (connections.has(name.value) ? CONNECTION : 1)
    }, 0)
}

describe.each(Object.entries(documents))('%s', (_, document) => {
  it('stays under the complexity cap, counted generously', () => {
    const [operation] = parse(document).definitions
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
    const worst = worstCase(operation.selectionSet)
    expect(worst).toBeLessThan(CAP)
    expect(readQuestion(document, {}, 'POINT_100').complexity).toBeLessThan(100)
  })
})

it('the documents ask for what the tables need', () => {
  const words = mediaListQuery.split(/[^A-Za-z0-9]+/)
  const needed = `id idMal romaji english native format status season seasonYear episodes duration source
    countryOfOrigin isAdult averageScore meanScore popularity favourites genres tags name category rank
    isMediaSpoiler isGeneralSpoiler studios edges isMain node description startDate endDate updatedAt userId mediaId
    score score100 progress progressVolumes repeat priority private notes hiddenFromStatusLists customLists
    advancedScores startedAt completedAt createdAt isCustomList isSplitCompletedList mediaListOptions scoreFormat
    hasNextChunk`
  expect(needed.split(/\s+/).filter((field) => !words.includes(field))).toEqual([])
})

it('an anime asked for by id is asked for with the fields that the list gives', () => {
  const fieldsOf = (document: string) => {
    const [, fields = ''] = /\bmedia(?:\([^)]*\))? \{([^]+)/.exec(document) ?? []
    return fields
      .match(/\w+|[{}]/g)
      ?.join(' ')
      .split(' updatedAt }')[0]
  }
  expect(fieldsOf(mediaPageQuery)).toMatch(/^id idMal .* studios \{/)
  expect(fieldsOf(mediaPageQuery)).toBe(fieldsOf(mediaListQuery))
})

const schemas = resolve(import.meta.dirname, '../../../shared/data/anilist/schema')
const absent = !existsSync(schemas)
if (absent)
  console.warn(`skipped: the documents are not checked against AniList's schema, ${schemas} is absent`)

describe.skipIf(absent)('against the published schema', () => {
  it.each(['schema_2026-03-20.graphql', 'schema_2023-03-11_with_descriptions.graphql'])('%s', (file) => {
    const schema = buildSchema(readFileSync(resolve(schemas, file), 'utf8'))
    for (const document of Object.values(documents)) expect(validate(schema, parse(document))).toEqual([])
  })
})
