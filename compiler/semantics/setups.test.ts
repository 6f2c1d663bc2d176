import fc from 'fast-check'
import { expect, it } from 'vitest'
import { descentOf } from './descent.ts'
import { neededSetups } from './setups.ts'

/** Random DAGs of up to 10 tasks in which some are setups, and some later ones teardowns of them. */
const samples = fc
  .tuple(
    fc.integer({ min: 2, max: 10 }),
    fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 30 }),
    fc.array(fc.nat(9), { maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 3 }),
  )
  .map(([size, pairs, setupIndexes, cleanups]) => {
    const order = Array.from({ length: size }, (_, index) => `t${index}`)
    const isSetup = (id: string) => setupIndexes.some((index) => id === `t${index}`)
    const teardowns = new Map<string, string[]>()
    for (const [a, b] of cleanups) {
      if (a < b && b < size && isSetup(`t${a}`) && !isSetup(`t${b}`))
        teardowns.set(`t${b}`, [...(teardowns.get(`t${b}`) ?? []), `t${a}`])
    }
    const declared = new Map(order.map((id) => [id, [...(teardowns.get(id) ?? [])]]))
    for (const [a, b] of pairs) if (a < b && b < size) declared.get(`t${b}`)?.push(`t${a}`)
    return { order, declared, isSetup, setupsOf: (id: string) => teardowns.get(id) ?? null }
  })

it('a task needs the setups above it whose teardowns, if there are any, come below it', () => {
  fc.assert(
    fc.property(samples, (graph) => {
      const { order, declared, isSetup, setupsOf } = graph
      const isBefore = (a: string, b: string): boolean =>
        (declared.get(b) ?? []).some((source) => source === a || isBefore(a, source))
      const expected = order.flatMap((id) => {
        if (setupsOf(id) !== null) return []
        const own = order.filter((setup) => {
          if (!isSetup(setup) || !isBefore(setup, id) || declared.get(id)?.includes(setup)) return false
          const behind = order.filter((teardown) => setupsOf(teardown)?.includes(setup))
          return behind.length === 0 || behind.some((teardown) => isBefore(id, teardown))
        })
        return own.length > 0 ? [[id, own] as const] : []
      })
      expect(new Map(neededSetups(graph))).toEqual(new Map(expected))
    }),
    { numRuns: 500 },
  )
})

it('what is below a task, and what lies between it and others', () => {
  fc.assert(
    fc.property(samples, fc.array(fc.nat(9), { maxLength: 3 }), (graph, picked) => {
      const { order, declared } = graph
      const isBefore = (a: string, b: string): boolean =>
        (declared.get(b) ?? []).some((source) => source === a || isBefore(a, source))
      const descent = descentOf(graph)
      const others = order.filter((_, index) => picked.includes(index))
      for (const id of order) {
        const below = order.filter((other) => isBefore(id, other))
        expect(descent.below(id)).toEqual(new Set(below))
        const above = below.filter((each) => others.some((other) => other === each || isBefore(each, other)))
        expect(descent.between(id, others)).toEqual(new Set(above))
      }
    }),
    { numRuns: 500 },
  )
})
