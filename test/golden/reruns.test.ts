import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileDag, findDags, loadDags } from '../../compiler/index.ts'
import { planRerun, planTeardown } from '../../deploy/rerun-plan.ts'
import { httpError, mapOf } from '../../simulator/engine/index.ts'
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

describe('what an execution leaves in the ledger of a run that succeeded before', () => {
  /** A second execution in which a task fails, with what is known of the first one. */
  async function failingAgain(dag: string, failing: string, known: object, options: WorldOptions = {}) {
    const first = await runGolden(dag, clean)
    const steps = { ...clean.steps, [failing]: [refused] }
    return runGolden(dag, { ...again(first, known), steps, ...options })
  }

  /** The same run id once more, and `dag rerun --from` the task that then fails. */
  const cases = ['chain', 'branches', 'gates', 'map', 'models'].flatMap((dag) => [
    { dag, how: 'anew' as const },
    { dag, how: 'from' as const },
  ])

  it.each(cases)('is what succeeded in it: $dag $how', async ({ dag, how }) => {
    const tasks = tasksOf.get(dag) ?? []
    const whole = await runGolden(dag, clean)
    for (const job of new Set(whole.jobs.map(name))) {
      const from = [job.split('/')[0] ?? '']
      const states = new Map(Object.entries(statesOf(whole)))
      const plan = planRerun({ tasks, ledger: ledgerOf(dag, whole), states, from })
      const known = how === 'anew' ? {} : plan.known
      const second = await failingAgain(dag, job, known)
      const kept = ledgerOf(dag, second).map(name)
      expect(kept, job).not.toContain(job)
      // Of tasks that are no instances the run itself tells how they ended.
      const ended = new Map(Object.entries(statesOf(second)))
      const single = tasks.filter((task) => task.mapped !== true && task.kind !== 'branch')
      const lost = single.filter(({ id }) => !['success', 'skipped'].includes(ended.get(id) ?? ''))
      expect(lost.map(({ id }) => `${id}/0`).filter((each) => kept.includes(each))).toEqual([])
      const third = planRerun({ tasks, ledger: ledgerOf(dag, second), states: ended, from: [] })
      expect(third.again, job).toEqual(expect.arrayContaining([...from, ...lost.map(({ id }) => id)]))
      const last = await runGolden(dag, { ...again(second, third.known), execution: 'execution-3' })
      expect(last.jobs.map(name), job).toContain(job)
      expect(statesOf(last), job).toEqual(statesOf(whole))
    }
  })

  it.each([
    ['map', 'fetch_page/1', ['fetch_page']],
    ['mapped_group', 'fetch/1', ['fetch', 'tell_page']],
  ])('is not there for an instance of %s that fails, nor for those below it', async (dag, job, lost) => {
    const steps = { ...clean.steps, plan: [{ output: { pages: [1, 2, 3], day: '2026-03-09' } }] }
    const first = await runGolden(dag, { ...clean, steps })
    const second = await runGolden(dag, { ...again(first, {}), steps: { ...steps, [job]: [refused] } })
    const indexes = (record: RunRecord, task: string) =>
      ledgerOf(dag, record)
        .flatMap((entry) => (entry.task === task ? [entry.index] : []))
        .toSorted((a, b) => a - b)
    for (const task of lost) {
      expect(indexes(first, task)).toEqual([0, 1, 2])
      expect(indexes(second, task)).toEqual([0, 2])
    }
  })

  it.each([403, 500, null])('is what nobody could delete (%s); the run ends as it would', async (code) => {
    const denied = code === null ? new Error('boom') : httpError(code, mapOf({}), null)
    const failing = (connector: string) => (connector.endsWith('objects.delete') ? denied : null)
    const expected = await failingAgain('chain', 'fetch_rows', {})
    const record = await failingAgain('chain', 'fetch_rows', {}, { failing })
    expect(record.value).toEqual(expected.value)
  })

  it('costs a run that is executed once nothing', async () => {
    const calls: string[] = []
    await runGolden('chain', {
      steps: { fetch_rows: [refused] },
      failing: (connector) => {
        calls.push(connector)
        return null
      },
    })
    expect(calls.filter((connector) => connector.endsWith('objects.delete'))).toEqual([])
  })
})
