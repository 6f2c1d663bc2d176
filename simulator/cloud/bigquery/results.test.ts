import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ResultRows } from '../../warehouse/warehouse.ts'
import { field } from './testing/memory-warehouse.ts'
import { readPage, readPageRequest } from './results.ts'

const schema = [field('i', 'STRING')]

function numbered(count: number, text = ''): ResultRows {
  return {
    count,
    read: async (start, max) =>
      Array.from({ length: Math.max(0, Math.min(max, count - start)) }, (_, index) => [
        `${start + index}${text}`,
      ]),
    close: async () => undefined,
  }
}

async function readAll(
  rows: ResultRows,
  query: Record<string, string>,
): Promise<{ sizes: number[]; first: unknown[] }> {
  const sizes: number[] = []
  const first: unknown[] = []
  let pageToken: string | undefined = ''
  while (pageToken !== undefined) {
    const request = readPageRequest(new URLSearchParams({ ...query, pageToken }))
    const page = await readPage(rows, schema, request)
    sizes.push(page.rows.length)
    first.push(page.rows[0]?.f[0]?.v)
    pageToken = page.pageToken
  }
  return { sizes, first }
}

test('pages of any size add up to the result', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(200), fc.integer({ min: 1, max: 60 }), async (count, max) => {
      const { sizes } = await readAll(numbered(count), { maxResults: String(max) })
      expect(sizes.reduce((a, b) => a + b, 0)).toBe(count)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(max)
    }),
  )
})

test('without maxResults a page ends by its size', async () => {
  const { sizes, first } = await readAll(numbered(20_000, 'x'.repeat(1000)), {})
  expect(sizes).toEqual([15_000, 5000])
  expect(first).toEqual([`0${'x'.repeat(1000)}`, `15000${'x'.repeat(1000)}`])
})

test('maxResults=0 asks for no rows and gives no token', async () => {
  const request = readPageRequest(new URLSearchParams({ maxResults: '0' }))
  expect(await readPage(numbered(5), schema, request)).toEqual({ rows: [] })
})

test.each(['maxResults=-1', 'startIndex=x', 'pageToken=x'])('%s is refused', (query) => {
  expect(() => readPageRequest(new URLSearchParams(query))).toThrow(/Invalid/)
})
