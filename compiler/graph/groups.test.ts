import { expect, it } from 'vitest'
import type { DagContext, z } from '../../dsl/index.ts'
import { casesOf } from './graph.ts'
import { declaredPairs, graphOf, testDag, work } from './testing.ts'

type Build = (context: DagContext<z.ZodObject<Record<string, never>>>) => unknown

const cases: readonly (readonly [string, Build, readonly string[]])[] = [
  [
    'after a group is after its leaves',
    ({ task, group }) => {
      const g = group('g', () => {
        const a = task('a', work, {})
        task('b', work, {}, { after: a })
        task('c', work, { from: a.flag })
      })
      task('z', work, {}, { after: g })
    },
    ['a>b', 'a>c', 'b>z', 'c>z'],
  ],
  [
    'a group after something has its roots after it',
    ({ task, group, empty }) => {
      const first = empty('first')
      group(
        'g',
        () => {
          const a = task('a', work, {})
          task('b', work, {}, { after: a })
          task('c', work, {})
        },
        { after: first },
      )
    },
    ['a>b', 'first>a', 'first>c'],
  ],
  [
    'groups after groups, nested',
    ({ group, empty }) => {
      const outer = group('outer', () => {
        const inner = group('inner', () => {
          const a = empty('a')
          empty('b', { after: a })
        })
        group('next', () => [empty('c'), empty('d')], { after: inner })
      })
      group('last', () => empty('e', { after: empty('f') }), { after: outer })
    },
    ['a>b', 'b>c', 'b>d', 'c>f', 'd>f', 'f>e'],
  ],
  [
    'a teardown is no leaf: what it follows is',
    ({ task, group }) => {
      const g = group('g', () => {
        const open = task('open', work, {}, { setup: true })
        const worked = task('worked', work, {}, { after: open })
        task('close', work, {}, { teardownOf: open, after: worked })
      })
      task('z', work, {}, { after: g })
    },
    ['open>close', 'open>worked', 'worked>close', 'worked>z'],
  ],
  [
    'a setup with nothing but its teardown is a leaf',
    ({ task, group }) => {
      const g = group('g', () => {
        const open = task('open', work, {}, { setup: true })
        task('close', work, {}, { teardownOf: open })
      })
      task('z', work, {}, { after: g })
    },
    ['open>close', 'open>z'],
  ],
  [
    'setups come before their teardowns',
    ({ empty }) => {
      const a = empty('a', { setup: true })
      const b = empty('b', { setup: true })
      empty('close', { teardownOf: [a, b], after: empty('work', { after: [a, b] }) })
    },
    ['a>close', 'a>work', 'b>close', 'b>work', 'work>close'],
  ],
  [
    'a group as a case of a branch is its roots',
    ({ task, branch, group, empty }) => {
      const made = task('made', work, {})
      const mode = branch('mode', { on: made.mode, cases: ['a', 'b'] })
      group('g', () => empty('y', { after: empty('x') }), { after: mode.case('a') })
      empty('z', { after: mode.case('b') })
    },
    ['made>mode', 'mode>x', 'mode>z', 'x>y'],
  ],
  [
    'an empty group is nothing',
    ({ group, empty }) => {
      const nothing = group('nothing', () => null)
      empty('a', { after: nothing })
    },
    [],
  ],
  [
    'a teardown that more work follows is no end of its group, and neither is what it follows',
    ({ task, group }) => {
      const g = group('g', () => {
        const open = task('open', work, {}, { setup: true })
        const worked = task('worked', work, {}, { after: open })
        const close = task('close', work, {}, { teardownOf: open, after: worked })
        task('after', work, {}, { after: close })
      })
      task('z', work, {}, { after: g })
    },
    ['after>z', 'close>after', 'open>close', 'open>worked', 'worked>close'],
  ],
  [
    'a teardown of another setup hides no work, and shows no setup',
    ({ task, group }) => {
      const first = task('first', work, {}, { setup: true })
      const g = group('g', () => {
        const own = task('own', work, {}, { setup: true })
        const worked = task('worked', work, {}, { after: own })
        task('close', work, {}, { teardownOf: first, after: [own, worked] })
      })
      task('z', work, {}, { after: g })
    },
    ['first>close', 'own>close', 'own>worked', 'worked>close', 'worked>z'],
  ],
  [
    'the roots of a mapped group wait for its list, its followers for its leaves',
    ({ task, mapGroup }) => {
      const made = task('made', work, {})
      const g = mapGroup('g', made.list, (item) => {
        const a = task('a', work, { item })
        return task('b', work, {}, { after: a })
      })
      task('z', work, {}, { after: g })
    },
    ['a>b', 'b>z', 'made>a'],
  ],
  [
    'every kind waits for what it reads',
    ({ task, map, http, sensor, branch, shortCircuit, trigger, empty, run }) => {
      const made = task('made', work, {})
      const mapped = map('mapped', work, { item: made.list })
      task('all', work, { from: mapped.outcomes })
      http('call', { service: 'x', query: { mode: made.mode } })
      sensor('wait', { kind: 'object_exists', bucket: undefined, object: made.mode })
      shortCircuit('gate', made.flag, { skips: 'all' })
      trigger('other', { dag: 'other', params: { mode: made.mode }, logicalDate: run.logicalDate })
      const which = branch('which', { cases: { yes: made.flag } })
      empty('last', { after: which.case('yes') })
    },
    [
      'made>call',
      'made>gate',
      'made>mapped',
      'made>other',
      'made>wait',
      'made>which',
      'mapped>all',
      'which>last',
    ],
  ],
]

it.each(cases)('%s', (_, build, pairs) => {
  expect(declaredPairs(graphOf(testDag(build)))).toEqual(pairs)
})

it('knows the tasks of each case', () => {
  const graph = graphOf(
    testDag(({ task, branch, group, empty }) => {
      const mode = branch('mode', { on: task('made', work, {}).mode, cases: ['a', 'b'], otherwise: 'none' })
      group('g', () => [empty('x'), empty('y')], { after: mode.case('a') })
      empty('z', { after: [mode.case('a'), mode.case('b')] })
      empty('n', { after: mode.case('none') })
      empty('beside', { after: mode })
    }),
  )
  expect(Object.fromEntries(casesOf(graph)('mode'))).toEqual({
    a: ['z', 'x', 'y'],
    b: ['z'],
    none: ['n'],
  })
})

it('keeps declared edges that others imply, and leaves them out of what people see', () => {
  const graph = graphOf(
    testDag(({ empty }) => {
      const a = empty('a')
      const b = empty('b', { after: a })
      empty('c', { after: [a, b] })
    }),
  )
  expect(graph.declared.get('c')).toEqual(['a', 'b'])
  expect(graph.reduced.get('c')).toEqual(['b'])
  expect(graph.upstream.get('c')).toEqual(['b'])
})
