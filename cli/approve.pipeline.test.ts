import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { testProject, type TestProject } from './testing/project.ts'

/** Approvals of compiled DAGs, from the command that answers them to the end of the run. */

const dag = (id: string, options: string, timeout: string) => `
import { dag } from 'dagwright'
export default dag('${id}', { description: 'Prices' }, ({ approval, empty }) => {
  const approved = approval('publish', { message: 'Publish the prices?', ${options} }, { timeout: '${timeout}' })
  empty('published', { after: approved })
})`

const perShop = `
import { dag } from 'dagwright'
export default dag('shops', { description: 'Prices per shop' }, ({ approval, empty, mapGroup }) => {
  const each = mapGroup('each', ['a', 'b'], () => approval('publish', { message: 'Publish?', onReject: 'fail' }, { timeout: '1d' }))
  empty('published', { after: each })
})`

let project: TestProject
let stop: () => Promise<void>
const reports = mkdtempSync(join(tmpdir(), 'dag-reports-'))

beforeAll(async () => {
  project = testProject({
    'package.json': '{"type":"module"}',
    'dags/prices/dag.ts': dag('prices', "onReject: 'skip'", '1d'),
    'dags/strict/dag.ts': dag('strict', "onReject: 'fail'", '1d'),
    'dags/late/dag.ts': dag('late', "onTimeout: 'fail'", '1s'),
    'dags/late_skip/dag.ts': dag('late_skip', "onTimeout: 'skip'", '1s'),
    'dags/shops/dag.ts': perShop,
    'dag.config.mjs': 'export default { environments: {}, images: {} }',
  })
  stop = await project.emulator()
})
afterAll(async () => {
  await stop()
  project.remove()
  rmSync(reports, { recursive: true, force: true })
})

test.each(['compile', 'deploy'])('dag %s works', async (command) => {
  const { code, note } = await project.dag(command)
  expect(code, note).toBe(0)
})

interface Shown {
  readonly state: string
  readonly tasks: readonly {
    readonly id: string
    readonly state: string
    readonly reason?: string
    readonly waiting?: { readonly message: string; readonly command: string }
    readonly error?: { readonly code: string; readonly message: string }
  }[]
}

async function shown(run: string): Promise<Shown> {
  const { out } = await project.dag('runs', 'show', run, '--json')
  return JSON.parse(out) as Shown
}

/** Waits until a run is as it should be. */
async function until(run: string, isThere: (run: Shown) => boolean): Promise<Shown> {
  return vi.waitFor(
    async () => {
      const now = await shown(run)
      expect(isThere(now), JSON.stringify(now)).toBe(true)
      return now
    },
    { timeout: 30_000, interval: 50 },
  )
}

/** Starts a run and waits for its question; resolves with the run id and the command that answers, as it is shown. */
async function asked(id: string, date: string): Promise<{ run: string; command: readonly string[] }> {
  const started = await project.dag('trigger', id, '--date', date)
  expect(started.code, started.note).toBe(0)
  const run = started.out.trim()
  const { tasks } = await until(run, (now) => now.tasks.some(({ waiting }) => waiting?.command !== undefined))
  const waiting = tasks.find((task) => task.waiting !== undefined)?.waiting
  return { run, command: (waiting?.command ?? '').split(' ').slice(1) }
}

const hasEnded = ({ state }: Shown) => state !== 'running' && state !== 'queued'
const statesOf = ({ state, tasks }: Shown) => ({
  run: state,
  ...Object.fromEntries(tasks.map((task) => [task.id, task.state])),
})

describe('an approval that a run waits for', () => {
  test('lets the run go on, by the command that `dag runs show` names', async () => {
    const { run, command } = await asked('prices', '2026-03-01')
    expect(command).toEqual(['approve', run, 'publish'])
    const { code, out, note } = await project.dag(...command, '--note', 'looks good', '--by', 'ana')
    expect({ code, out }, note).toEqual({ code: 0, out: 'approved: Publish the prices?\n' })
    expect(statesOf(await until(run, hasEnded))).toEqual({
      run: 'success',
      publish: 'success',
      published: 'success',
    })
    const again = await project.dag(...command)
    expect(again.code).toBe(1)
    expect(again.note).toMatch(
      /^DAG608 task publish of run \S+ waits for no approval\n {2}at environment local, run success\n {2}fix: nothing of this run waits/,
    )
  })

  test.each([
    ['prices', { run: 'success', publish: 'skipped', published: 'skipped' }],
    ['strict', { run: 'failed', publish: 'failed', published: 'upstream_failed' }],
  ])('is rejected in %s', async (id, states) => {
    const { run, command } = await asked(id, '2026-03-02')
    const { out } = await project.dag(...command, '--reject', '--note', 'too low', '--by', 'ana', '--json')
    expect(JSON.parse(out)).toMatchObject({
      run_id: run,
      task: 'publish',
      approved: false,
      by: 'ana',
      note: 'too low',
    })
    const ended = await until(run, hasEnded)
    expect(statesOf(ended)).toEqual(states)
    expect(JSON.stringify(ended)).toContain('rejected by ana: too low')
  })

  test.each([
    ['late', { run: 'failed', publish: 'failed', published: 'upstream_failed' }],
    ['late_skip', { run: 'success', publish: 'skipped', published: 'skipped' }],
  ])('is over in %s when nobody answers in time', async (id, states) => {
    const { code, out } = await project.dag('trigger', id, '--date', '2026-03-03', '--wait', '--json')
    expect(code).toBe(states.run === 'failed' ? 2 : 0)
    const ended = JSON.parse(out) as Shown
    expect(statesOf(ended)).toEqual(states)
    expect(out).toContain('nobody decided within 1 seconds')
  })

  test('is named with its index where a group asks for each item', async () => {
    const { run } = await asked('shops', '2026-03-04')
    await until(run, ({ tasks }) => tasks[0]?.state === 'running')
    const wrong = await project.dag('approve', run, 'published')
    expect(wrong.note).toMatch(
      /DAG608 task published .* waits for no approval\n.*\n {2}fix: what waits: publish/,
    )
    for (const index of ['0', '1']) {
      await vi.waitFor(async () => {
        const { code, note } = await project.dag('approve', run, 'publish', '--index', index)
        expect(code, note).toBe(0)
      }, 20_000)
    }
    expect(statesOf(await until(run, hasEnded))).toMatchObject({ run: 'success', publish: 'success' })
  })

  test.each([
    [['manual__nope', 'publish'], /^DAG605 there is no run manual__nope/],
    [['manual__2026-03-01t00-00-00z', 'publis'], /^DAG608 task publis of run/],
    [
      ['manual__2026-03-01t00-00-00z', 'publish', '--note', 'x'.repeat(501)],
      /^DAG601 --note has 501 characters/,
    ],
  ])('is refused (%#)', async (args, message) => {
    const { code, note } = await project.dag('approve', ...args)
    expect(code).toBe(1)
    expect(note).toMatch(message)
  })
})

test('a simulation with --live waits for a person, who answers from beside it', async () => {
  const state = join(reports, '.dag')
  const file = join(reports, 'run.html')
  const simulated = project.dagIn(
    state,
    'simulate',
    'prices',
    '--date',
    '2026-03-05',
    '--live',
    '--report',
    file,
  )
  // A command that comes first would bring a local cloud of its own.
  await vi.waitFor(() => expect(existsSync(join(state, 'emulator.json'))).toBe(true), 20_000)
  await vi.waitFor(async () => {
    const { code, note } = await project.dagIn(state, 'approve', 'manual__2026-03-05t00-00-00z', 'publish')
    expect(code, note).toBe(0)
  }, 30_000)
  const { code, note } = await simulated
  expect(code, note).toBe(0)
})
