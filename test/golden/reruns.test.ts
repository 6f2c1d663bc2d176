import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileDag, findDags, loadDags } from '../../compiler/index.ts'
import { planRerun, planTeardown } from '../../deploy/rerun-plan.ts'
import { ledgerOf, runGolden, statesOf } from './run-golden.ts'
import { planned, runArgument, type RunRecord, type WorldOptions } from './world.ts'

/** Runs of goldens that are executed once more, as `dag rerun` and `dag runs cancel` do it. */

const projectDir = dirname(import.meta.dirname)
const definitions = await loadDags(projectDir, findDags(projectDir, 'golden'), 'golden')
const tasksOf = new Map(
  definitions.map((definition) => [definition.id, compileDag(definition, { projectDir }).manifest.tasks]),
)

/** Whose tasks all succeed, or are skipped, when nothing goes wrong. */
const names = [
  'chain',
  'diamond',
  'groups',
  'levels',
  'models',
  'wide',
  'branches',
  'gates',
  'map',
  'map_items',
  'map_product',
  'map_zip',
]

const refused = { error: { code: 'refused', retryable: false } }
const clean: WorldOptions = { steps: { plan: [planned] } }

const name = ({ task, index }: { readonly task: string; readonly index: number }) => `${task}/${index}`
const again = (first: RunRecord, known: object): WorldOptions => ({
  ...clean,
  left: first.left,
  execution: 'execution-2',
  argument: { ...runArgument, known, mode: 'rerun' },
})

describe.each(names)('a run of golden %s', (dag) => {
  const tasks = tasksOf.get(dag) ?? []

  it('that failed at any task ends, executed once more, as though nothing had happened', async () => {
    const whole = await runGolden(dag, clean)
    const jobs = [...new Set(whole.jobs.map(name))]
    expect(jobs.length).toBeGreaterThan(0)
    for (const job of jobs) {
      const steps = { ...clean.steps, [job]: [refused] }
      const first = await runGolden(dag, { ...clean, steps })
      const states = new Map(Object.entries(statesOf(first)))
      const ledger = ledgerOf(dag, first)
      const plan = planRerun({ tasks, ledger, states, from: [] })
      expect(plan.again, job).toContain(job.split('/')[0])
      const second = await runGolden(dag, again(first, plan.known))
      expect(statesOf(second), job).toEqual(statesOf(whole))
      expect(second.value['state'], job).toBe(whole.value['state'])
      const ran = second.jobs.map(name)
      expect(ran, job).toContain(job)
      expect(
        ran.filter((each) => each in plan.known),
        job,
      ).toEqual([])
      expect(new Set(ran).size, job).toBe(ran.length)
    }
  })

  it('that succeeded runs again from any task on', async () => {
    const whole = await runGolden(dag, clean)
    for (const task of new Set(whole.jobs.map((job) => job.task))) {
      const states = new Map(Object.entries(statesOf(whole)))
      const plan = planRerun({ tasks, ledger: ledgerOf(dag, whole), states, from: [task] })
      const second = await runGolden(dag, again(whole, plan.known))
      expect(statesOf(second), task).toEqual(statesOf(whole))
      const ran = new Set(second.jobs.map((job) => job.task))
      expect(
        [...ran].filter((id) => !plan.again.includes(id)),
        task,
      ).toEqual([])
      expect(ran, task).toContain(task)
    }
  })

  it('that was cancelled runs nothing more', async () => {
    const steps = { ...clean.steps, [tasks[0]?.id ?? '']: [refused] }
    const first = await runGolden(dag, { ...clean, steps })
    const states = new Map(Object.entries(statesOf(first)))
    const known = planTeardown({ tasks, ledger: ledgerOf(dag, first), states })
    const second = await runGolden(dag, again(first, known))
    expect(second.value['state']).toBe('cancelled')
    expect([second.jobs, second.queries]).toEqual([[], []])
    const finished = new Set(ledgerOf(dag, first).map(({ task }) => task))
    const expected = tasks.map(({ id }) => [id, finished.has(id) ? states.get(id) : 'cancelled'])
    expect(statesOf(second)).toEqual(Object.fromEntries(expected))
  })
})
