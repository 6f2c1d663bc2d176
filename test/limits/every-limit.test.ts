import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLimits } from '../../compiler/check/check-limits.ts'
import { serviceLimits } from '../../compiler/check/service-limits.ts'
import { buildGraph } from '../../compiler/graph/build-graph.ts'
import { compileDag } from '../../compiler/index.ts'
import { lowerDag } from '../../compiler/lower/lower.ts'
import { scheduleGraph } from '../../compiler/schedule/schedule.ts'
import { dag, DagProblems, type DagDefinition } from '../../dsl/index.ts'
import { collectProblems } from '../../dsl/problems.ts'
import { limits, parseWorkflow, printWorkflow } from '../../language/index.ts'
import { furtherCases, limitCases, type EdgeCase, type LimitCase, type SourceCase } from './limit-cases.ts'
import { handed, items } from './limit-dags.ts'

/** Every limit at its edge: an amount that passes, and one more that is refused by the limit's name. */

const projectDir = import.meta.dirname
const all = { ...limits, ...serviceLimits }
const cases: readonly (readonly [string, LimitCase])[] = Object.entries(limitCases)
const edges = [...cases, ...Object.entries(furtherCases)].flatMap(([name, each]) =>
  each.kind === 'edge' ? [[name, each] as const] : [],
)
const sources = cases.flatMap(([name, each]) => (each.kind === 'source' ? [[name, each] as const] : []))

describe('a DAG within a limit compiles, and one beyond it is told so by the limit', () => {
  it.each<readonly [string, EdgeCase]>(edges)('%s', (_, { build, within, told }) => {
    const name = new RegExp(told.source.split(':')[0] ?? '', 'm')
    const most =
      typeof within === 'number'
        ? within
        : largestWithin(within, (amount) => name.test(toldOf(build(amount))))
    expect(toldOf(build(most))).not.toMatch(name)
    expect(toldOf(build(most + 1))).toMatch(told)
  })

  it.each<readonly [string, SourceCase]>(sources)('%s, in a source that no DAG gives', (_, each) => {
    expect(toldOfSource(each, each.within)).toBe('')
    expect(toldOfSource(each, each.within + 1)).toMatch(each.told)
  })
})

describe('the table', () => {
  it('has a case at the edge for what docs/limits.md says is refused or warned of, and for nothing else', () => {
    const page = readFileSync(join(projectDir, '../../docs/limits.md'), 'utf8')
    const rows = page.split('\n').flatMap((line) => {
      const [, name, , how] = /^\| \[([^\]]+)\]\([^|]*\) *\| ([^|]*) \| ([^|]*) \|$/.exec(line) ?? []
      return name === undefined || how === undefined ? [] : [[name, /refused with|warns/.test(how)] as const]
    })
    const tested = cases.map(
      ([name, { kind }]) =>
        [all[name as keyof typeof all].name, kind === 'edge' || kind === 'source'] as const,
    )
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(tested))
  })

  it('knows every row of a head-room', () => {
    const further = ['argument of a triggered run', 'items of load']
    const known = new Set([...Object.values(all).map(({ name }) => name), ...further])
    const rows = [items(2), handed(2)].flatMap(
      (definition) => compileDag(definition, { projectDir }).headRoom,
    )
    expect(rows.map(({ limit }) => limit.name)).toEqual(expect.arrayContaining(further))
    expect(rows.map(({ limit }) => limit.name).filter((name) => !known.has(name))).toEqual([])
  })

  it('names rows by which the emulator holds a limit', () => {
    const held = cases.flatMap(([, each]) => each.held ?? [])
    const missing = held.filter((row) => {
      const [table = '', name = ''] = row.split(': ')
      const lines = readFileSync(join(projectDir, '../cases', `${table}.yaml`), 'utf8').split('\n')
      return !lines.includes(`- name: ${name}`)
    })
    expect(missing).toEqual([])
    expect(held.length).toBeGreaterThan(30)
  })
})

it('what the lowering keeps within a limit is within it with the longest ids there are', () => {
  const longest = 'x'.repeat(50)
  const { headRoom } = compileDag(
    dag(longest, { description: 'Long ids' }, ({ empty }) => empty(longest)),
    { projectDir },
  )
  const rooms = headRoom.filter(
    ({ limit }) => limit === serviceLimits.labelValue || limit === serviceLimits.objectName,
  )
  expect(rooms).toHaveLength(2)
  for (const { limit, used } of rooms) expect(used, limit.name).toBeLessThanOrEqual(limit.value)
  const longer = dag(`${longest}x`, { description: 'Longer' }, ({ empty }) => empty(`${longest}x`))
  expect(toldOf(longer).match(/^DAG101 /gm)).toHaveLength(2)
})

/** Codes and messages, a line each; empty where it compiles without a word. */
function toldOf(definition: DagDefinition): string {
  try {
    return textOf(compileDag(definition, { projectDir }).warnings)
  } catch (error) {
    if (error instanceof DagProblems) return textOf(error.problems)
    throw error
  }
}

function textOf(problems: readonly { readonly code: string; readonly message: string }[]): string {
  return problems.map(({ code, message }) => `${code} ${message}`).join('\n')
}

function toldOfSource({ steps, others }: SourceCase, amount: number): string {
  const definition = items(2)
  const problems = collectProblems(null)
  const graph = buildGraph(definition, problems)
  const indented = steps(amount).replaceAll(/^/gm, '    ')
  const { document: extra } = parseWorkflow(`main:\n  steps:\n${indented}\n${others?.(amount) ?? ''}\n`)
  if (graph === null || extra === null) throw new Error(`not a workflow: ${indented}`)
  const { plan } = scheduleGraph(graph)
  const lowered = lowerDag({ definition, graph, plan, routines: new Map(), file: 'dag.ts' })
  const [own] = extra.subworkflows
  const workflow = {
    ...lowered,
    subworkflows: [
      ...lowered.subworkflows.map((each) =>
        each.name === 'main' ? { ...each, steps: [...(own?.steps ?? []), ...each.steps] } : each,
      ),
      ...extra.subworkflows.slice(1),
    ],
  }
  checkLimits(
    { definition, graph, plan, workflow, source: printWorkflow(workflow), procedures: [] },
    problems,
  )
  return textOf(problems.list)
}

/** The largest amount that is not refused, between one that passes and one that is refused. */
function largestWithin(
  [passes, refused]: readonly [number, number],
  isRefused: (amount: number) => boolean,
): number {
  let [low, high] = [passes, refused]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isRefused(middle)) high = middle
    else low = middle
  }
  return low
}
