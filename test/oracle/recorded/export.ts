import * as fc from 'fast-check'
import { teardownRule, type DescribedTask, type Description } from '../description.ts'
import { declarableRules, randomDag, type RandomDagOptions } from '../random-dag.ts'
import { compact } from './compact.ts'
import { describeExample, examples, timingExamples } from '../worked-examples.ts'

/** Prints DAGs for probes/airflow/referee.py, one a line: `jiti export.ts SEED COUNT MOST_TASKS [authored|random]`. */
const [seed = 1, count = 100, maxTasks = 7] = process.argv.slice(2, 5).map(Number)

const task = { kind: 'work', rule: 'all_success', upstream: [], group: null, retries: 0, script: [] } as const
const plain = { ...task, map: null, setup: false, teardownOf: [], failsRun: false } as const
const script = (ends: 'success' | 'fail' | 'skip') => [[{ ends, seconds: 10 }]]

/** Every pair of states above every rule: a rule a DAG. */
function pairsOfStates(): readonly Description[] {
  const above = { S: 'success', F: 'fail', K: 'skip' } as const
  const letters = ['S', 'F', 'U', 'K'] as const
  return declarableRules.map((rule) => {
    const pairs = letters.flatMap((a, at) => letters.slice(at).map((b) => [a, b] as const))
    const sources = pairs.flatMap(([a, b]) =>
      ([a, b] as const).flatMap((letter, side): DescribedTask[] => {
        const id = `${a}${b}${side}`.toLowerCase()
        if (letter !== 'U') return [{ ...plain, id, script: script(above[letter]) }]
        return [
          { ...plain, id: `${id}_above`, script: script('fail') },
          { ...plain, id, upstream: [`${id}_above`] },
        ]
      }),
    )
    const joins = pairs.map(([a, b]): DescribedTask => {
      const name = `${a}${b}`.toLowerCase()
      return { ...plain, id: name, rule, upstream: [`${name}0`, `${name}1`] }
    })
    return { tasks: [...sources, ...joins], groups: [], failRunOn: 'leaves' }
  })
}

/** A teardown of two setups with work between, by how each of the three ends. */
function teardowns(): readonly Description[] {
  const ends = ['success', 'fail', 'skip'] as const
  return ends.flatMap((first) =>
    ends.flatMap((second) =>
      ends.map((work): Description => ({
        tasks: [
          { ...plain, id: 'a', setup: true, script: script(first) },
          { ...plain, id: 'b', setup: true, script: script(second) },
          { ...plain, id: 'w', upstream: ['a'], script: script(work) },
          { ...plain, id: 'v', rule: 'all_done', upstream: ['w'] },
          { ...plain, id: 't', rule: teardownRule, upstream: ['v'], teardownOf: ['a', 'b'] },
          { ...plain, id: 'u', rule: 'all_done', upstream: ['t'] },
        ],
        groups: [],
        failRunOn: 'leaves',
      })),
    ),
  )
}

/** Teardowns in a repeated group, by how their setup and what gives the list end, and one over an empty list. */
function repeatedTeardowns(): readonly Description[] {
  const ends = ['success', 'fail', 'skip'] as const
  const kinds = ends.flatMap((setup) => ends.map((list) => [setup, list, 2] as const))
  return [...kinds, ['success', 'success', 0] as const].map(([setup, list, length]) => ({
    tasks: [
      { ...plain, id: 's', setup: true, script: script(setup) },
      { ...plain, id: 'l', script: script(list) },
      { ...plain, id: 'w', group: 'g', upstream: ['s'] },
      {
        ...plain,
        id: 't',
        group: 'g',
        rule: teardownRule,
        upstream: ['w'],
        teardownOf: ['s'],
        failsRun: true,
      },
    ],
    groups: [{ path: 'g', map: { over: 'l', length, maxConcurrent: null } }],
    failRunOn: 'leaves',
  }))
}

/** A list that is empty skips at once, below a short circuit that holds too: in every order before what fails below it. */
function emptyBelowGate(): Description {
  const choice = {
    ...task,
    id: 'br',
    upstream: ['m'],
    kind: 'branch',
    cases: ['x'],
    chosen: [['x']],
  } as const
  return {
    tasks: [
      { ...task, id: 'sc', kind: 'short_circuit', skips: 'direct', passes: [true] },
      { ...plain, id: 'm', upstream: ['sc'], map: { over: null, length: 0, maxConcurrent: null } },
      choice,
      { ...plain, id: 'x', upstream: ['br:x'], rule: 'all_done', script: script('fail') },
      { ...plain, id: 'j', upstream: ['x', 'm'] },
    ],
    groups: [],
    failRunOn: 'leaves',
  }
}

/** A mapped task over each end of what gives its list, under every rule, with a list of none and of two. */
function lists(): readonly Description[] {
  const mapped = declarableRules.filter((rule) => rule !== 'always')
  return (['success', 'fail', 'skip'] as const).flatMap((ends) =>
    mapped.map((rule): Description => {
      const tasks = [0, 2].flatMap((length): DescribedTask[] => [
        { ...plain, id: `list${length}`, script: script(ends) },
        { ...plain, id: `m${length}`, rule, map: { over: `list${length}`, length, maxConcurrent: null } },
        { ...plain, id: `j${length}`, rule: 'none_failed', upstream: [`m${length}`] },
      ])
      return { tasks, groups: [], failRunOn: 'leaves' }
    }),
  )
}

const profiles: Readonly<Record<string, RandomDagOptions>> = {
  any: {},
  setups: { kinds: ['work', 'empty', 'setup', 'teardown'], mappedGroups: false },
  choices: { kinds: ['work', 'branch', 'short_circuit'], mappedGroups: false },
  groups: {},
  repeatedSetups: { kinds: ['work', 'empty', 'short_circuit', 'setup', 'teardown'] },
}

/** What a profile is about has to occur. */
function belongs(profile: string, { tasks, groups }: Description): boolean {
  switch (profile) {
    case 'setups':
      return tasks.some((each) => each.kind === 'work' && each.teardownOf.length > 0)
    case 'choices':
      return tasks.some(({ kind }) => kind === 'branch' || kind === 'short_circuit')
    case 'groups':
      return groups.some(
        ({ path, map }) => map !== null && tasks.filter(({ group }) => group === path).length > 1,
      )
    case 'repeatedSetups':
      return (
        tasks.some((each) => each.kind === 'work' && each.teardownOf.length > 0) &&
        tasks.some(
          (each) =>
            each.kind === 'work' &&
            (each.setup || each.teardownOf.length > 0) &&
            groups.some(({ path, map }) => map !== null && path === each.group),
        )
      )
    default:
      return true
  }
}

/** A task of Airflow returns one list. */
function hasOneListATask({ tasks, groups }: Description): boolean {
  const maps = [
    ...tasks.map((each) => (each.kind === 'work' ? each.map : null)),
    ...groups.map(({ map }) => map),
  ]
  const lengths = new Map<string, number>()
  return maps.every((map) => {
    if (!map?.over) return true
    const known = lengths.get(map.over) ?? map.length
    lengths.set(map.over, map.length)
    return known === map.length
  })
}

/** Ids without the words that random DAGs put into them. */
function shortened(dag: Description): Description {
  return JSON.parse(JSON.stringify(dag).replaceAll(/"(t\d+)_[a-z_]+/g, '"$1')) as Description
}

const authored = [
  ...[...examples, ...timingExamples].map(describeExample),
  ...pairsOfStates(),
  ...teardowns(),
  ...repeatedTeardowns(),
  emptyBelowGate(),
  ...lists(),
]
const random = Object.entries(profiles).flatMap(([profile, options], index) =>
  fc.sample(
    randomDag({ minTasks: 3, maxTasks, ...options }).filter(
      (dag) => belongs(profile, dag) && hasOneListATask(dag),
    ),
    { seed: seed + index, numRuns: Math.ceil(count / Object.keys(profiles).length) },
  ),
)
const wanted = process.argv[5]
const chosen = wanted === 'authored' ? authored : wanted === 'random' ? random : [...authored, ...random]
for (const dag of chosen) console.log(JSON.stringify(compact(shortened(dag))))
