import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TaskHandle } from '../../dsl/index.ts'
import type { Graph } from './graph.ts'
import { declaredPairs, graphOf, testDag, work } from './testing.ts'

/** Per task: its slots (0 for none), of which pool, and which earlier tasks it comes after. */
const shapes = fc.array(
  fc.record({
    slots: fc.nat(3),
    pool: fc.constantFrom('x', 'y'),
    after: fc.array(fc.nat(9), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 9 },
)
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never
const pools = { x: 3, y: 4 }

function poolDag(shape: Shape, withPools: boolean): Graph {
  return graphOf(
    testDag(
      ({ task }) => {
        const handles: TaskHandle[] = []
        for (const [index, { slots, pool, after }] of shape.entries()) {
          const sources = after.flatMap((source) => handles[source % Math.max(1, index)] ?? [])
          const use = slots > 0 && withPools ? { pool: { name: pool, slots } } : {}
          handles.push(task(`t${index}`, work, {}, { ...use, after: sources }))
        }
      },
      { pools },
    ),
  )
}

/** Everything that has to end before a task begins. */
function ancestorsOf(graph: Graph): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map<string, Set<string>>()
  for (const id of graph.order) {
    const own = new Set<string>()
    for (const source of graph.upstream.get(id) ?? []) {
      own.add(source)
      for (const further of all.get(source) ?? []) own.add(further)
    }
    all.set(id, own)
  }
  return all
}

/** The most slots of a pool that tasks may take at the same time. */
function mostTaken(graph: Graph, pool: string): number {
  const above = ancestorsOf(graph)
  const users = graph.tasks.filter((task) => task.pool?.name === pool)
  const together = (a: string, b: string) => !above.get(a)?.has(b) && !above.get(b)?.has(a)
  let most = 0
  const extend = (chosen: readonly string[], slots: number, from: number) => {
    most = Math.max(most, slots)
    for (const [index, task] of users.entries()) {
      if (index >= from && chosen.every((id) => together(id, task.id)))
        extend([...chosen, task.id], slots + (task.pool?.slots ?? 0), index + 1)
    }
  }
  extend([], 0, 0)
  return most
}

describe('pools', () => {
  it('never have more than their slots taken, and change no declared edge', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const graph = poolDag(shape, true)
        for (const [pool, slots] of Object.entries(pools))
          expect(mostTaken(graph, pool)).toBeLessThanOrEqual(slots)
        const plain = poolDag(shape, false)
        expect(declaredPairs(graph)).toEqual(declaredPairs(plain))
        expect(graph.reduced).toEqual(plain.reduced)
        for (const [id, sources] of graph.upstream)
          for (const source of sources)
            expect(graph.order.indexOf(source)).toBeLessThan(graph.order.indexOf(id))
      }),
      { numRuns: 200 },
    )
  })

  it('leave alone what fits', () => {
    const graph = graphOf(
      testDag(
        ({ task }) => {
          for (const id of ['a', 'b', 'c', 'd']) task(id, work, {}, { pool: 'x' })
        },
        { pools: { x: 3 } },
      ),
    )
    expect([...graph.upstream.values()].flat()).toEqual(['a'])
    const roomy = graphOf(testDag(({ task }) => task('a', work, {}, { pool: 'x' }), { pools: { x: 1 } }))
    expect([...roomy.upstream.values()].flat()).toEqual([])
  })

  it('hand their slots down a chain before they make others wait', () => {
    const graph = graphOf(
      testDag(
        ({ task }) => {
          const a = task('a', work, {})
          const b = task('b', work, {}, { after: a })
          task('x', work, {})
          task('c', work, {}, { after: b })
          task('y', work, {})
        },
        { pools: { p: 2 }, defaults: { pool: 'p' } },
      ),
    )
    expect(graph.upstream).toEqual(
      new Map([
        ['a', []],
        ['b', ['a']],
        ['x', []],
        ['c', ['b']],
        ['y', ['x']],
      ]),
    )
  })

  it('bound the instances of a mapped task, which takes its slots as a whole', () => {
    const definition = testDag(
      ({ task, map }) => {
        const made = task('made', work, {}, { pool: 'p' })
        map('mapped', work, { item: made.list }, { pool: { name: 'p', slots: 2 } })
        map('few', work, { item: made.list }, { pool: 'p', maxConcurrent: 3 })
        task('other', work, {}, { pool: 'p' })
      },
      { pools: { p: 5 } },
    )
    const concurrency = definition.tasks.map((task) => task.kind === 'step' && task.mapping?.maxConcurrent)
    expect(concurrency).toEqual([undefined, 2, 3, undefined])
    // mapped takes 4 of 5 slots, few 3: they cannot be at work together.
    expect(ancestorsOf(graphOf(definition)).get('few')).toContain('mapped')
  })

  it('bound the instances of a mapped group, and its tasks within one', () => {
    const definition = testDag(
      ({ task, mapGroup }) => {
        const made = task('made', work, {})
        mapGroup('g', made.list, () => {
          task('a', work, {}, { pool: { name: 'p', slots: 2 } })
          task('b', work, {}, { pool: 'p' })
        })
        task('other', work, {}, { pool: { name: 'p', slots: 3 } })
      },
      { pools: { p: 5 } },
    )
    expect(definition.groups[0]?.mapping?.maxConcurrent).toBe(2)
    const graph = graphOf(definition)
    // Two instances share five slots: two for each, so that a and b follow each other.
    expect(graph.upstream.get('b')).toEqual(['a'])
    expect(graph.declared.get('b')).toEqual(['made'])
    // The group takes four slots; one is left, which is not enough for the other task.
    const above = ancestorsOf(graph)
    expect(above.get('other')?.has('b') || above.get('a')?.has('other')).toBe(true)
  })
})

it('keeps the tasks of a mapped group together in the order', () => {
  const graph = graphOf(
    testDag(({ task, mapGroup }) => {
      const made = task('made', work, {})
      const g = mapGroup('g', made.list, () => {
        const a = task('a', work, {})
        return task('z', work, {}, { after: a })
      })
      task('b', work, {})
      task('last', work, {}, { after: g })
    }),
  )
  expect(graph.order).toEqual(['made', 'a', 'z', 'b', 'last'])
})
