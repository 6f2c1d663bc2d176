import fc from 'fast-check'
import { expect, it } from 'vitest'
import { effectiveLeaves } from './leaves.ts'

const samples = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 20 }),
    fc.array(fc.nat(8), { maxLength: 9 }),
  )
  .map(([size, pairs, ignorable]) => {
    const ids = Array.from({ length: size }, (_, index) => `t${index}`)
    const declared = new Map(ids.map((id) => [id, [] as string[]]))
    for (const [a, b] of pairs) if (a < b && b < size) declared.get(`t${b}`)?.push(`t${a}`)
    return { ids, declared, isIgnorable: (id: string) => ignorable.some((index) => id === `t${index}`) }
  })

it('leaves count that are no teardown, and that nothing but teardowns comes right after', () => {
  fc.assert(
    fc.property(samples, (graph) => {
      const { ids, declared, isIgnorable } = graph
      const downstream = (id: string) => ids.filter((other) => declared.get(other)?.includes(id))
      const effective = ids.filter((id) => !isIgnorable(id) && downstream(id).every(isIgnorable))
      const ends = ids.filter((id) => downstream(id).length === 0)
      expect(effectiveLeaves(graph)).toEqual(effective.length > 0 ? effective : ends)
    }),
    { numRuns: 500 },
  )
})
