import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import {
  bodySchema,
  entrySchema,
  listDataSchema,
  mediaListCollectionSchema,
  mediaSchema,
  userDataSchema,
} from './response.ts'

const folder = resolve(import.meta.dirname, '../../../shared/data/anilist')
const absent = !existsSync(folder)
if (absent) console.warn(`skipped: no recorded bodies, ${folder} is absent`)

type Json = Record<string, unknown>

function read(file: string): Json {
  const bytes = readFileSync(resolve(folder, file))
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as Json
}

function list(path: string): string[] {
  if (absent) return []
  return readdirSync(resolve(folder, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.json(\.gz)?$/.test(name) && !name.includes('rate_limit') && name !== 'manifest.json')
    .map((name) => `${path}/${name}`)
}

/** Every value that stands under one of the keys, at any depth. */
function under(value: unknown, keys: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => under(item, keys))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]): unknown[] => {
    const own = keys.includes(key) ? (Array.isArray(child) ? child : [child]) : []
    return [...own.filter((item) => item !== null), ...under(child, keys)]
  })
}

function expectAll(schema: z.ZodType, values: readonly unknown[], what: string): number {
  for (const value of values) {
    const parsed = schema.safeParse(value)
    expect(parsed.success, `${what}: ${parsed.error?.message}`).toBe(true)
  }
  return values.length
}

describe.skipIf(absent)('recorded bodies are accepted', () => {
  const recorded = [...list('recorded'), ...list('documented_errors'), ...list('composite')]
  const seen = { media: 0, entries: 0, collections: 0 }

  it.each(recorded)('%s', (file) => {
    const body = read(file)
    expect(bodySchema.safeParse(body).success).toBe(true)
    // One client took the envelope off.
    const data = (body.data ?? (body.errors ? {} : body)) as Json
    seen.media += expectAll(mediaSchema, under(data, ['Media', 'media']), file)
    seen.entries += expectAll(entrySchema, under(data, ['entries', 'mediaList']), file)
    seen.collections += expectAll(
      mediaListCollectionSchema,
      under(data, ['MediaListCollection', 'anime', 'manga']),
      file,
    )
    if ('MediaListCollection' in data) expectAll(listDataSchema, [data], file)
    if ('User' in data) expectAll(userDataSchema, [data], file)
  })

  it('and there were some of each kind', () => {
    expect(recorded.length).toBeGreaterThan(30)
    expect(seen.media).toBeGreaterThan(1000)
    expect(seen.entries).toBeGreaterThan(2000)
    expect(seen.collections).toBeGreaterThan(10)
  })
})

describe('a body of another shape', () => {
  it.each([
    [bodySchema, []],
    [bodySchema, { errors: 'none' }],
    [userDataSchema, { User: { id: 'one', name: 'Gajs' } }],
    [listDataSchema, { MediaListCollection: { lists: {} } }],
    [entrySchema, { id: '1' }],
    [mediaSchema, { genres: 'Drama' }],
  ] as const)('is not accepted (%#)', (schema, body) => {
    expect(schema.safeParse(body).success).toBe(false)
  })
})
