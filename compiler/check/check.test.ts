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
    ['a bounded text', z.string().max(20), 28],
    ['an unbounded text', z.string(), 136],
    ['an enum', z.enum(['a', 'longest']), 15],
    ['a list', z.array(z.number()).max(3), 8 + 24],
    ['a nullable', z.number().nullable(), 8],
    ['a record', z.record(z.string(), z.number()), 8 + 16 * 32],
    ['anything', z.unknown(), 136],
  ])('of %s', (_, schema, bytes) => {
    expect(valueBytes(schema)).toBe(bytes)
  })
})
