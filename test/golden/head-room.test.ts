import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lengthsOf } from '../../compiler/check/lengths.ts'
import { mostSteps } from '../../compiler/check/most-steps.ts'
import { plainSteps } from '../../compiler/check/plain-steps.ts'
import { buildGraph } from '../../compiler/graph/build-graph.ts'
import { compileDag, findDags, loadDags } from '../../compiler/index.ts'
import { collectProblems } from '../../dsl/problems.ts'
import type { TaskDefinition } from '../../dsl/index.ts'
import { limits, parseWorkflow } from '../../language/index.ts'
import { connectionFailedError, httpError, mapOf } from '../../simulator/engine/index.ts'
import { runGolden, tasksOf } from './run-golden.ts'
import { planned, runArgument, type WorldOptions } from './world.ts'

/** What `dag compile` says of a workflow, against what the engine counts when it runs. */

const projectDir = dirname(import.meta.dirname)
const definitions = await loadDags(projectDir, findDags(projectDir, 'golden'), 'golden')

const yes = { at: 0, body: { approved: true, by: 'ana', note: 'fine' } }

/** Worlds in which goldens that wait for something get it at once. */
const worlds: Readonly<Record<string, WorldOptions>> = {
  sensors: {
    argument: { ...runArgument, params: { bucket: 'exports' } },
    appearing: { 'bucket/incoming/_SUCCESS': 0, 'exports/2026-03-09': 0 },
    answer: () => ({ body: { state: 'done', rows: 8 } }),
    steps: { make_plan: [planned] },
  },
  approvals: { callbacks: { 1: [yes], 2: [yes] } },
}

describe.each(definitions)('golden $id', (definition) => {
  const { id } = definition
  const { document } = parseWorkflow(readFileSync(join(import.meta.dirname, id, 'workflow.yaml'), 'utf8'))
  if (document === null) throw new Error(`${id} does not parse`)
  const tasks = buildGraph(definition, collectProblems(null))?.tasks ?? []
  const { units } = lengthsOf(definition, tasks)
  const most = mostSteps(document, { tasks, units, schedule: definition.schedule, items: () => 100 })

  it('finds the interval of a run that is told none in no more than the most', async () => {
    const run = await runGolden(id, { argument: null })
    expect(run.steps).toBeLessThanOrEqual(most.total)
    expect(run.steps).toBeGreaterThan(0)
  })

  it('takes no more memory than the compiler says, with outputs as large as they may be', async () => {
    const bound = compileDag(definition, { projectDir }).headRoom.find(({ limit }) => limit === limits.memory)
    const steps = Object.fromEntries(tasks.map((task) => [task.id, [{ output: largest(task) }]] as const))
    for (const options of [{}, { steps }, { failing: () => connectionFailedError('no route'.repeat(100)) }]) {
      const { memory } = await runGolden(id, options)
      expect(memory).toBeGreaterThan(1000)
      expect(memory).toBeLessThanOrEqual(bound?.used ?? 0)
    }
  })

  it('takes as many steps as the compiler says', async () => {
    const run = await runGolden(id, worlds[id])
    const states = Object.values(tasksOf(run))
    expect(run.steps).toBeLessThanOrEqual(most.total)
    // A skipped task and a repeated one are off the way on which all goes well.
    if (states.every(({ state, tries }) => state === 'success' && tries === 1) && isPlain(definition))
      expect(plainSteps(document).total).toBe(run.steps)
  })

  it.each([503, 400])('takes no more than the most when every call ends in %d', async (code) => {
    const failing = (connector: string) =>
      connector.includes('storage') ? null : httpError(code, mapOf({}), mapOf({}))
    const run = await runGolden(id, { failing })
    expect(run.steps).toBeLessThanOrEqual(most.total)
  })
})

it('most goldens run along the plain way', async () => {
  const plain = await Promise.all(
    definitions.filter(isPlain).map(async ({ id }) => {
      const states = Object.values(tasksOf(await runGolden(id, worlds[id])))
      return states.every(({ state, tries }) => state === 'success' && tries === 1)
    }),
  )
  expect(plain.filter(Boolean).length).toBeGreaterThan(plain.length / 2)
})

/** An output that fills the 7 KB which a result may take: many small items where there is a list. */
function largest(task: TaskDefinition): Readonly<Record<string, unknown>> {
  if (task.kind !== 'step' || !('objects' in task.contract.output.shape)) return { note: 'x'.repeat(7000) }
  return {
    count: 1,
    objects: Array.from({ length: 230 }, () => ({ object: '', generation: '' })),
    manifest: { path: '', files: [] },
  }
}

/** Whether no task is repeated. */
function isPlain({ tasks, groups }: (typeof definitions)[number]): boolean {
  return [...tasks, ...groups].every((each) => !('mapping' in each) || each.mapping === null)
}
