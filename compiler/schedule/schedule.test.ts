import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TaskDefinition } from '../../dsl/index.ts'
import type { GroupDefinition } from '../../dsl/task.ts'
import type { Graph } from '../graph/graph.ts'
import { topologicalOrder } from '../graph/order.ts'
import { reduceEdges } from '../graph/reduce.ts'
import { depthOf, tasksIn, type Plan } from './plan.ts'
import { mostDepth, scheduleGraph } from './schedule.ts'
import { mostBranches } from './width.ts'

describe('scheduleGraph', () => {
  it.each([
    ['a chain', { a: [], b: ['a'], c: ['b'] }, 'a b c', 'nesting'],
    ['side by side', { a: [], b: [], c: [] }, '(a | b | c)', 'nesting'],
    ['a diamond', { s: [], a: ['s'], b: ['s'], e: ['a', 'b'] }, 's (a | b) e', 'nesting'],
    ['chains in branches', { a: [], b: ['a'], c: [], d: ['c'], e: ['b', 'd'] }, '(a b | c d) e', 'nesting'],
    ['a complete join', { a: [], b: [], c: ['a', 'b'], d: ['a', 'b'] }, '(a | b) (c | d)', 'nesting'],
    [
      'parallel in parallel',
      { a: [], b: ['a'], c: ['a'], d: ['b', 'c'], x: [] },
      '(a (b | c) d | x)',
      'nesting',
    ],
    ['an N', { a: [], b: [], c: ['a'], d: ['a', 'b'] }, '(a | b) (c | d)', 'levels'],
    [
      'three deep',
      { a: [], b: ['a'], c: ['a'], d: ['c'], e: ['c'], x: [] },
      '(a | x) (b | c) (d | e)',
      'levels',
    ],
    [
      'an N between single tasks',
      { s: [], a: ['s'], b: ['s'], c: ['a'], d: ['a', 'b'], e: ['c', 'd'] },
      's (a | b) (c | d) e',
      'levels',
    ],
  ])('lays out %s', (_, edges, text, strategy) => {
    const schedule = scheduleGraph(graphOf(edges))
    expect(show(schedule.plan)).toBe(text)
    expect(schedule.strategies).toContain(strategy)
  })

  it('bundles more than ten tasks evenly', () => {
    const edges = Object.fromEntries(Array.from({ length: 23 }, (_, index) => [`t${index}`, []]))
    const { plan } = scheduleGraph(graphOf(edges))
    if (plan.kind !== 'parallel') throw new Error(plan.kind)
    expect(plan.branches.map((branch) => tasksIn(branch).length)).toEqual([8, 8, 7])
  })

  it('takes more than a hundred tasks side by side in several turns', () => {
    const edges = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`t${index}`, []]))
    const { plan } = scheduleGraph(graphOf(edges))
    expect(plan.kind).toBe('sequence')
    expectLegal(plan, graphOf(edges))
  })

  it.each([
    ['in branches', { m: [], a: [] }, '(m | a)'],
    ['in two levels where it is alone', { a: [], m: ['a'], b: ['m'] }, 'a m b'],
    ['outside of inner branches', { a: [], m: ['a'], c: ['a'], d: ['m', 'c'], x: [] }, '(a | x) (m | c) d'],
  ])('lays out what is mapped %s', (_, edges, text) => {
    expect(show(scheduleGraph(graphOf(edges)).plan)).toBe(text)
  })

  it('gives what is mapped branches of its own, in turns where there are not enough', () => {
    const edges = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [index < 12 ? `m${index}` : `t${index}`, []]),
    )
    const { plan } = scheduleGraph(graphOf(edges))
    if (plan.kind !== 'parallel') throw new Error(plan.kind)
    expect(plan.branches.map((branch) => tasksIn(branch).length)).toEqual([2, 2, 2, 2, 1, 1, 1, 1, 9, 9])
    expectLegal(plan, graphOf(edges))
  })

  it('schedules a mapped group as one', () => {
    const edges = { a: [], g0: ['a'], g1: ['g0'], g2: ['g0'], b: ['g1'], c: ['g2'], d: ['a'] }
    expect(show(scheduleGraph(graphOf(edges)).plan)).toBe('a (g (b | c) | d)')
    expect(show(scheduleGraph(graphOf({ ...edges, e: ['b', 'd'] })).plan)).toBe('a (g | d) (b | c) e')
  })

  it('is legal for every graph, and waits for nothing needless where it nests', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { plan, strategies } = scheduleGraph(graph)
        expectLegal(plan, graph)
        const needless = [...orderOf(plan)].filter((pair) => !before(graph).has(pair))
        if (!strategies.includes('levels')) expect(needless).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})

/** Random DAGs of up to 30 tasks, sparse and dense, with none, some or most of them mapped. */
const graphs = fc
  .tuple(
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 8 }),
    fc.constantFrom(0, 20, 90),
    fc.infiniteStream(fc.nat(99)),
  )
  .map(([size, density, mapped, dice]) => {
    const roll = () => Number(dice.next().value ?? 0)
    const ids = Array.from({ length: size }, (_, index) => (roll() < mapped ? `m${index}` : `t${index}`))
    return graphOf(
      Object.fromEntries(
        ids.map((id, index) => [id, ids.slice(0, index).filter(() => roll() < density * 4)]),
      ),
    )
  })

function graphOf(edges: Readonly<Record<string, readonly string[]>>): Graph {
  const ids = Object.keys(edges)
  const upstream = new Map(ids.map((id) => [id, new Set(edges[id])]))
  const order = topologicalOrder(ids, upstream)
  const group = (id: string) => (id.startsWith('g') ? 'g' : null)
  const mapping = (id: string) => (id.startsWith('m') ? {} : null)
  const tasks = ids.map(
    (id) => ({ id, kind: 'step', group: group(id), mapping: mapping(id) }) as unknown as TaskDefinition,
  )
  const groups = ids.some(group) ? [{ path: 'g', mapping: {} } as unknown as GroupDefinition] : []
  const reduced = reduceEdges(order, upstream)
  const declared = new Map(ids.map((id) => [id, edges[id] ?? []]))
  return { tasks, groups, edges: [], order, declared, reduced, upstream: reduced }
}

function expectLegal(plan: Plan, graph: Graph): void {
  expect(tasksIn(plan).toSorted()).toEqual([...graph.order].toSorted())
  expect(depthOf(plan)).toBeLessThanOrEqual(mostDepth)
  expect(widest(plan)).toBeLessThanOrEqual(mostBranches)
  const guaranteed = orderOf(plan)
  for (const pair of before(graph)) expect(guaranteed).toContain(pair)
}

function widest(plan: Plan): number {
  if (plan.kind === 'task') return 0
  if (plan.kind === 'sequence') return Math.max(...plan.items.map(widest))
  expect(plan.branches.length).toBeGreaterThan(1)
  return Math.max(plan.branches.length, ...plan.branches.map(widest))
}

/** Pairs that the plan runs one after the other. */
function orderOf(plan: Plan): Set<string> {
  if (plan.kind === 'task') return new Set()
  const parts = plan.kind === 'sequence' ? plan.items : plan.branches
  const pairs = new Set(parts.flatMap((part) => [...orderOf(part)]))
  if (plan.kind === 'parallel') return pairs
  plan.items.forEach((early, index) => {
    for (const late of plan.items.slice(index + 1)) {
      for (const a of tasksIn(early)) for (const b of tasksIn(late)) pairs.add(`${a}<${b}`)
    }
  })
  return pairs
}

function before(graph: Graph): Set<string> {
  const ancestors = new Map<string, Set<string>>()
  for (const id of graph.order) {
    const own = new Set<string>()
    for (const source of graph.upstream.get(id) ?? []) {
      own.add(source)
      for (const other of ancestors.get(source) ?? []) own.add(other)
    }
    ancestors.set(id, own)
  }
  return new Set([...ancestors].flatMap(([id, all]) => [...all].map((other) => `${other}<${id}`)))
}

function show(plan: Plan): string {
  if (plan.kind === 'task') return plan.task
  if (plan.kind === 'sequence') return plan.items.map(show).join(' ')
  return `(${plan.branches.map(show).join(' | ')})`
}
