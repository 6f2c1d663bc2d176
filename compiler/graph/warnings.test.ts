import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  eq,
  type AfterTarget,
  type DagContext,
  type TaskHandle,
  type TriggerRule,
  type z,
} from '../../dsl/index.ts'
import { decide, type FinalState } from '../semantics/index.ts'
import { casesOf, declaredOf, type Graph } from './graph.ts'
import { graphOf, testDag, work } from './testing.ts'
import { warningsOf } from './warnings.ts'

type Build = (context: DagContext<z.ZodObject<Record<string, never>>>) => unknown

/** A branch over two cases with a task each, and a join with a rule. */
const join =
  (rule: TriggerRule): Build =>
  ({ task, branch }) => {
    const mode = branch('mode', { on: task('made', work, {}).mode, cases: ['a', 'b'] })
    const x = task('x', work, {}, { after: mode.case('a') })
    const y = task('y', work, {}, { after: mode.case('b') })
    task('j', work, {}, { after: [x, y], triggerRule: rule })
  }

const cases: readonly (readonly [string, Build, readonly string[]])[] = [
  ['all_success below both cases', join('all_success'), ['DAG311 task j']],
  ['none_skipped below both cases', join('none_skipped'), ['DAG311 task j']],
  ['all_done_min_one_success below both', join('all_done_min_one_success'), ['DAG311 task j']],
  ['none_failed_min_one_success', join('none_failed_min_one_success'), []],
  ['none_failed', join('none_failed'), []],
  ['one_success', join('one_success'), []],
  ['all_done', join('all_done'), []],
  [
    'a task of one case that is also right below the other',
    ({ task, branch }) => {
      const mode = branch('mode', { on: task('made', work, {}).mode, cases: ['a', 'b'] })
      const x = task('x', work, {}, { after: mode.case('a') })
      task('j', work, {}, { after: [x, mode.case('b')] })
    },
    [],
  ],
  [
    'a task of both cases',
    ({ task, branch }) => {
      const mode = branch('mode', { on: task('made', work, {}).mode, cases: ['a', 'b'] })
      const x = task('x', work, {}, { after: [mode.case('a'), mode.case('b')] })
      const y = task('y', work, {}, { after: mode.case('b') })
      task('j', work, {}, { after: [x, y] })
    },
    [],
  ],
  [
    'conditions that may hold together',
    ({ task, branch }) => {
      const made = task('made', work, {})
      const mode = branch('mode', { cases: { a: made.flag, b: eq(made.mode, 'b') }, otherwise: 'none' })
      const x = task('x', work, {}, { after: mode.case('a') })
      const y = task('y', work, {}, { after: mode.case('b') })
      const n = task('n', work, {}, { after: mode.case('none') })
      task('j', work, {}, { after: [x, y] })
      task('k', work, {}, { after: [x, n] })
    },
    ['DAG311 task k'],
  ],
  [
    'only the first of those that are skipped',
    ({ task, branch }) => {
      const mode = branch('mode', { on: task('made', work, {}).mode, cases: ['a', 'b'] })
      const x = task('x', work, {}, { after: mode.case('a') })
      const y = task('y', work, {}, { after: mode.case('b') })
      const j = task('j', work, {}, { after: [x, y] })
      task('k', work, {}, { after: j })
    },
    ['DAG311 task j'],
  ],
  [
    'always after others',
    ({ task }) => {
      const a = task('a', work, {}, { triggerRule: 'always' })
      task('b', work, { from: a.flag }, { triggerRule: 'always' })
    },
    ['DAG312 task b'],
  ],
]

describe('warnings', () => {
  it.each(cases)('%s', (_, build, expected) => {
    const found = warningsOf(graphOf(testDag(build)))
    expect(found.map(({ code, message }) => `${code} ${message.split(' ').slice(0, 2).join(' ')}`)).toEqual(
      expected,
    )
    for (const { at } of found) expect(at).not.toBeNull()
  })

  it('are of tasks that are skipped whatever the branches choose', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const graph = branchedGraph(shape)
        const warned = warningsOf(graph).map(({ message }) => message.split(' ')[1] ?? '')
        const runs = outcomes(graph)
        for (const id of warned) for (const states of runs) expect(states.get(id)).toBe('skipped')
      }),
      { numRuns: 300 },
    )
  })
})

const rules = [
  'all_success',
  'none_failed_min_one_success',
  'one_success',
  'none_skipped',
  'all_done',
] as const

/** Two branches, then tasks below their cases and below each other. */
const shapes = fc.array(
  fc.record({
    rule: fc.constantFrom(...rules),
    after: fc.array(fc.nat(99), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 2, maxLength: 8 },
)
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never

function branchedGraph(shape: Shape): Graph {
  return graphOf(
    testDag(({ task, branch, empty }) => {
      const made = task('made', work, {})
      const targets: AfterTarget[] = []
      for (const id of ['one', 'two']) {
        const choice = branch(id, { on: made.mode, cases: ['a', 'b'] })
        const used: TaskHandle[] = [
          empty(`${id}_a`, { after: choice.case('a') }),
          empty(`${id}_b`, { after: choice.case('b') }),
        ]
        targets.push(choice.case('a'), choice.case('b'), ...used)
      }
      for (const [index, { rule, after }] of shape.entries()) {
        const sources = after.flatMap((pick) => targets[pick % targets.length] ?? [])
        targets.push(task(`t${index}`, work, {}, { after: sources, triggerRule: rule }))
      }
    }),
  )
}

/** The states of all tasks under every choice of both branches, no task failing. */
function outcomes(graph: Graph): readonly ReadonlyMap<string, FinalState>[] {
  const choices = ['a', 'b'].flatMap((one) =>
    ['a', 'b'].map(
      (two) =>
        new Map([
          ['one', one],
          ['two', two],
        ]),
    ),
  )
  return choices.map((choice) => {
    const states = new Map<string, FinalState>()
    for (const id of graph.order) {
      const upstream = declaredOf(graph, id)
      const excluded = ['one', 'two'].some((branch) => excludes(graph, branch, choice.get(branch) ?? '', id))
      const rule = graph.tasks.find((task) => task.id === id)?.triggerRule ?? 'all_success'
      const above = upstream.map((source) => states.get(source) ?? 'success')
      const decision = decide(rule, { excluded, states: above, setups: [] })
      states.set(id, decision === 'run' ? 'success' : decision)
    }
    return states
  })
}

/** Airflow's rule: direct children are skipped that are neither chosen nor below a chosen one. */
function excludes(graph: Graph, branch: string, chosen: string, id: string): boolean {
  const cases = casesOf(graph)(branch)
  if (![...cases.values()].flat().includes(id)) return false
  const follow = new Set(cases.get(chosen))
  for (const other of graph.order) {
    if (declaredOf(graph, other).some((source) => follow.has(source))) follow.add(other)
  }
  return !follow.has(id)
}
