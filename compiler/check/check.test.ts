import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pollsWithin } from './polls.ts'
import { valueBytes } from './value-size.ts'

describe('pollsWithin', () => {
  it.each([
    [1, 1],
    [290, 19],
    [1800, 44],
    [21_600, 374],
  ])('in %d s makes %d polls', (seconds, polls) => {
    expect(Math.abs(pollsWithin(seconds) - polls)).toBeLessThanOrEqual(1)
  })
})

describe('valueBytes', () => {
  it.each([
    ['nothing', z.object({}), 8],
    ['a number', z.object({ n: z.int() }), 8 + 9 + 8],
    ['a bounded text', z.string().max(20), 8 + 3 * 22 - 2],
    ['an unbounded text', z.string(), 8 + 998],
    ['an enum', z.enum(['a', 'longest']), 15],
    ['a long text that may be left out', z.object({ n: z.literal('x'.repeat(980)).optional() }), 1018],
    ['a list', z.array(z.number()), 8 + 998 * 4],
    ['a nullable', z.number().nullable(), 8],
    ['anything', z.unknown(), 8 + 999 * 4],
  ])('of %s', (_, schema, bytes) => {
    expect(valueBytes(schema, 1000)).toBe(bytes)
  })

  const object = z.object({ object: z.string(), generation: z.string() })
  const schema = z.object({
    count: z.int().nullable(),
    note: z.string().optional(),
    objects: z.array(object),
    flags: z.array(z.boolean()),
    sizes: z.record(z.string(), z.number()),
    kind: z.enum(['full', 'delta']),
    mode: z.literal('as it was left by the last run').optional(),
    level: z.union([z.literal(7), z.literal('seven')]).optional(),
    either: z.union([z.string(), z.array(z.int())]),
    any: z.unknown(),
  })

  it('is never less than what a value takes', () => {
    const values = fc.record(
      {
        count: fc.option(fc.integer()),
        note: fc.string(),
        objects: fc.array(fc.record({ object: fc.string(), generation: fc.string() })),
        flags: fc.array(fc.boolean(), { maxLength: 40 }),
        sizes: fc.dictionary(fc.string(), fc.nat()),
        kind: fc.constantFrom('full', 'delta'),
        mode: fc.constant('as it was left by the last run'),
        level: fc.constantFrom(7, 'seven'),
        either: fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.nat(9), { maxLength: 60 })),
        any: fc.jsonValue(),
      },
      { requiredKeys: ['count', 'objects', 'flags', 'sizes', 'kind', 'either', 'any'] },
    )
    fc.assert(
      fc.property(values, (value) => {
        const text = JSON.stringify(value)
        expect(valueBytes(schema, Buffer.byteLength(text))).toBeGreaterThanOrEqual(memoryOf(JSON.parse(text)))
      }),
      { numRuns: 300 },
    )
  })
})

/** https://cloud.google.com/workflows/docs/reference/syntax/variables */
function memoryOf(value: unknown): number {
  if (typeof value === 'string') return 8 + Buffer.byteLength(value)
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + memoryOf(item), 8)
  if (typeof value !== 'object' || value === null) return 8
  return Object.entries(value).reduce((sum, [key, item]) => sum + memoryOf(key) + memoryOf(item), 8)
}
