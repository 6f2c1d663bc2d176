import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCycle } from './cycle.ts'
import { topologicalOrder } from './order.ts'
import { reduceEdges } from './reduce.ts'

type Upstream = ReadonlyMap<string, ReadonlySet<string>>

const upstream = (edges: Readonly<Record<string, readonly string[]>>): Upstream =>
  new Map(Object.entries(edges).map(([id, sources]) => [id, new Set(sources)]))

/** Random DAGs of up to 14 tasks; ids are shuffled against the order of the edges. */
const dags = fc.integer({ min: 1, max: 14 }).chain((size) =>
  fc.tuple(
    fc.shuffledSubarray(
      Array.from({ length: size }, (_, index) => `t${index}`),
      { minLength: size },
    ),
    fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 40 }),
  ),
)

function graphOf([ids, pairs]: readonly [
  readonly string[],
  readonly (readonly [number, number])[],
]): Upstream {
  const graph = new Map(ids.map((id) => [id, new Set<string>()]))
  for (const [a, b] of pairs) if (a < b) graph.get(ids[b] ?? '')?.add(ids[a] ?? '')
  return graph
}

/** All pairs (a, b) where a comes before b, by walking. */
function closure(ids: readonly string[], edges: (id: string) => Iterable<string>): ReadonlySet<string> {
  const pairs = new Set<string>()
  const walk = (from: string, id: string) => {
    for (const source of edges(id)) {
      if (pairs.has(`${source}<${from}`)) continue
      pairs.add(`${source}<${from}`)
      walk(from, source)
    }
  }
  for (const id of ids) walk(id, id)
  return pairs
}

describe('topologicalOrder', () => {
  it('keeps declaration order where it can', () => {
    expect(topologicalOrder(['c', 'a', 'b', 'd'], upstream({ c: ['b'], a: [], b: [], d: [] }))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })

  it('puts every task after its upstream tasks', () => {
    fc.assert(
      fc.property(dags, (sample) => {
        const graph = graphOf(sample)
        const order = topologicalOrder([...graph.keys()].toSorted(), graph)
        expect(order).toHaveLength(graph.size)
        for (const [id, sources] of graph) {
          for (const source of sources) expect(order.indexOf(source)).toBeLessThan(order.indexOf(id))
        }
      }),
    )
  })
})

describe('findCycle', () => {
  it('gives the whole path in the direction of the edges', () => {
    expect(findCycle(['a', 'b', 'c', 'd'], upstream({ a: [], b: ['a', 'd'], c: ['b'], d: ['c'] }))).toEqual([
      'b',
      'c',
      'd',
      'b',
    ])
    expect(findCycle(['a'], upstream({ a: ['a'] }))).toEqual(['a', 'a'])
  })

  it('finds none in a DAG, and one once an edge closes it', () => {
    fc.assert(
      fc.property(dags, fc.nat(), (sample, pick) => {
        const graph = graphOf(sample)
        const ids = [...graph.keys()]
        expect(findCycle(ids, graph)).toBeNull()
        const pairs = [...closure(ids, (id) => graph.get(id) ?? [])]
        const [first = '', last = ''] = pairs[pick % pairs.length]?.split('<') ?? []
        fc.pre(first !== '')
        const closed = new Map([...graph, [first, new Set([...(graph.get(first) ?? []), last])] as const])
        const cycle = findCycle(ids, closed) ?? []
        expect(cycle.length).toBeGreaterThan(1)
        expect(cycle[0]).toBe(cycle.at(-1))
        for (const [index, id] of cycle.slice(1).entries())
          expect(closed.get(id)?.has(cycle[index] ?? '')).toBe(true)
      }),
    )
  })

  it('walks a chain of 20,000 tasks', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `t${index}`)
    const chain = new Map(ids.map((id, index) => [id, new Set(index === 0 ? [] : [ids[index - 1] ?? ''])]))
    expect(findCycle(ids, chain)).toBeNull()
    expect(topologicalOrder(ids, chain)).toEqual(ids)
  })
})

describe('reduceEdges', () => {
  it('keeps what comes before what, with no edge to spare', () => {
    fc.assert(
      fc.property(dags, (sample) => {
        const graph = graphOf(sample)
        const ids = [...graph.keys()]
        const reduced = reduceEdges(topologicalOrder(ids, graph), graph)
        const all = closure(ids, (id) => graph.get(id) ?? [])
        expect(closure(ids, (id) => reduced.get(id) ?? [])).toEqual(all)
        for (const [id, sources] of reduced) {
          for (const source of sources) {
            const without = (other: string) =>
              (reduced.get(other) ?? []).filter((each) => other !== id || each !== source)
            expect(closure(ids, without).has(`${source}<${id}`)).toBe(false)
          }
        }
      }),
    )
  })
})
