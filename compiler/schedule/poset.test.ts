import fc from 'fast-check'
import { expect, it } from 'vitest'
import { reduceEdges } from '../graph/reduce.ts'
import { topologicalOrder } from '../graph/order.ts'
import { parallelParts, posetOf, seriesParts } from './poset.ts'

/** Random orders of up to 12 tasks, sparse and dense, with edges that follow from others. */
const samples = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 60 }))
  .map(([size, pairs]) => {
    const ids = Array.from({ length: size }, (_, index) => `t${index}`)
    const edges = new Map(ids.map((id) => [id, new Set<string>()]))
    for (const [a, b] of pairs) if (a < b && b < size) edges.get(`t${b}`)?.add(`t${a}`)
    const order = topologicalOrder(ids, edges)
    const lists = new Map([...edges].map(([id, sources]) => [id, [...sources]] as const))
    const reduced = reduceEdges(order, edges)
    return { tasks: [], groups: [], edges: [], order, declared: lists, reduced, upstream: lists }
  })

function isBefore(upstream: ReadonlyMap<string, readonly string[]>, a: string, b: string): boolean {
  return (upstream.get(b) ?? []).some((source) => source === a || isBefore(upstream, a, source))
}

it('series parts are all that follow each other completely', () => {
  fc.assert(
    fc.property(samples, (graph) => {
      const { order, upstream } = graph
      const cuts = order.flatMap((_, index) => {
        const [early, late] = [order.slice(0, index), order.slice(index)]
        return index > 0 && early.every((a) => late.every((b) => isBefore(upstream, a, b))) ? [index] : []
      })
      const expected = [...cuts, order.length].map((end, index) => order.slice(cuts[index - 1] ?? 0, end))
      expect(seriesParts(posetOf(graph)).map(({ ids }) => ids)).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

it('parallel parts are the least that have nothing to do with each other', () => {
  fc.assert(
    fc.property(samples, (graph) => {
      const { order, upstream } = graph
      const parts = parallelParts(posetOf(graph)).map(({ ids }) => ids)
      const part = new Map(parts.flatMap((ids, index) => ids.map((id) => [id, index] as const)))
      expect(parts.flat().toSorted()).toEqual(order.toSorted())
      for (const a of order) {
        for (const b of order) if (isBefore(upstream, a, b)) expect(part.get(a)).toBe(part.get(b))
      }
      for (const ids of parts) {
        // From its first task all others can be reached, up and down.
        const reached = new Set(ids.slice(0, 1))
        for (const one of reached) {
          for (const other of ids) {
            if (isBefore(upstream, one, other) || isBefore(upstream, other, one)) reached.add(other)
          }
        }
        expect(reached.size).toBe(ids.length)
      }
    }),
    { numRuns: 100 },
  )
})
