import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunView } from '../history/run-view.ts'
import type { Output } from './command.ts'
import { run } from './program.ts'

/** A project with a setup, work and its teardown; its steps are a script that speaks the step protocol. */
const dag = `
import { dag, z } from 'dagwright'
import { defineContract } from 'dagwright/steps'
const step = (name) =>
  defineContract({ name: 'shop/' + name, image: 'shop', input: z.object({ day: z.string() }), output: z.object({ by: z.string() }) })
export default dag('shop', { description: 'A shop' }, ({ run, task }) => {
  const input = { day: run.date }
  const opened = task('open', step('open'), input, { setup: true })
  const sold = task('sell', step('sell'), input, { after: opened })
  task('close', step('close'), input, { after: sold, teardownOf: opened })
  task('count', step('count'), input, { after: sold })
})
`

/** Another one, which waits for a run of the first, and starts one that it does not wait for. */
const week = `
import { dag } from 'dagwright'
export default dag('week', { description: 'A week of shops' }, ({ trigger }) => {
  trigger('free_shop', { dag: 'shop', logicalDate: '2026-03-20', wait: false })
  trigger('run_shop', { dag: 'shop', logicalDate: '2026-03-21', wait: true })
})
`

const steps = `
import { appendFileSync, existsSync } from 'node:fs'
const name = process.argv[2].replace('shop/', '')
const { try: attempt } = JSON.parse(process.env.DAG_RUN)
appendFileSync('calls.txt', name + ' ')
if (existsSync('hang-' + name)) await new Promise((done) => setTimeout(done, 60_000))
const fails = existsSync('fail-' + name)
const [, bucket, object] = /^gs:\\/\\/([^/]+)\\/(.*)$/.exec(process.env.DAG_OUTPUT_URI)
const output = { by: name }
const metadata = fails
  ? { outcome: 'error', code: 'no_luck', message: 'no luck', retryable: 'false' }
  : { outcome: 'output', result: JSON.stringify({ state: 'success', tries: attempt, output }) }
const content = JSON.stringify(fails ? { error: { code: 'no_luck', message: 'no luck', retryable: false } } : { output })
const part = (type, body) => '--x\\r\\ncontent-type: ' + type + '\\r\\n\\r\\n' + body + '\\r\\n'
const body = part('application/json', JSON.stringify({ name: object, metadata })) + part('application/json', content) + '--x--'
const url = process.env.STORAGE_EMULATOR_HOST + '/upload/storage/v1/b/' + bucket + '/o?uploadType=multipart&ifGenerationMatch=0'
const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'multipart/related; boundary=x' }, body })
if (!answer.ok) throw new Error(await answer.text())
process.exitCode = fails ? 1 : 0
`

const project = mkdtempSync(join(tmpdir(), 'dag-rerun-'))
const stop = new AbortController()
const file = (name: string) => join(project, name)
let emulator: Promise<number>

async function dagCommand(...args: readonly string[]) {
  const lines = { out: [] as string[], note: [] as string[] }
  const exit = await run(args, outputTo(lines), new AbortController().signal)
  return { exit, out: lines.out.join('\n'), note: lines.note.join('\n') }
}

function outputTo(lines: { readonly out: string[]; readonly note: string[] }): Output {
  return {
    out: (text) => void lines.out.push(text),
    note: (text) => void lines.note.push(text),
    bytes: () => undefined,
    draw: () => undefined,
    terminal: false,
    live: false,
    width: 100,
  }
}

async function waitFor(what: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(what()).toBe(true), { timeout: 20_000, interval: 20 })
}

const calls = () => (existsSync(file('calls.txt')) ? readFileSync(file('calls.txt'), 'utf8').trim() : '')

/** Sends a request to the emulator. */
async function send(method: string, path: string, body?: unknown): Promise<unknown> {
  const { url } = JSON.parse(readFileSync(file('.dag/emulator.json'), 'utf8')) as { url: string }
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  expect(response.status, path).toBeLessThan(300)
  return response.status === 204 ? null : response.json()
}

/** Names of the ledger's entries of a run. */
async function ledgerOf(id: string, dagId = 'shop'): Promise<string[]> {
  const prefix = `runs/${dagId}/${id}/`
  const { items = [] } = (await send('GET', `/storage/v1/b/local-project-data/o?prefix=${prefix}`)) as {
    items?: { name: string }[]
  }
  return items.flatMap(({ name }) => (name.endsWith('/result.json') ? [name.slice(prefix.length, -12)] : []))
}

/** Task states as `dag runs show --json` has them. */
async function states(id: string) {
  const { out } = await dagCommand('runs', 'show', id, '--json')
  const { tasks } = JSON.parse(out) as { tasks: { id: string; state: string; restored: boolean }[] }
  return Object.fromEntries(tasks.map((task) => [task.id, task.restored ? 'restored' : task.state]))
}

beforeAll(async () => {
  mkdirSync(file('dags/shop'), { recursive: true })
  writeFileSync(file('package.json'), '{"type":"module"}')
  writeFileSync(file('dags/shop/dag.ts'), dag)
  mkdirSync(file('dags/week'), { recursive: true })
  writeFileSync(file('dags/week/dag.ts'), week)
  writeFileSync(file('steps.mjs'), steps)
  const images = { shop: { command: [process.execPath, 'steps.mjs'] } }
  writeFileSync(file('dag.config.mjs'), `export default ${JSON.stringify({ environments: {}, images })}`)
  vi.spyOn(process, 'cwd').mockReturnValue(project)
  const lines = { out: [] as string[], note: [] as string[] }
  emulator = run(['emulator', '--port', '0', '--clock', 'virtual'], outputTo(lines), stop.signal)
  await waitFor(() => lines.out.length > 0)
})

afterAll(async () => {
  stop.abort(new Error('done'))
  await emulator.catch(() => undefined)
  vi.restoreAllMocks()
  rmSync(project, { recursive: true, force: true })
})

test('the DAG is compiled and deployed', async () => {
  const compiled = await dagCommand('compile')
  expect(compiled.exit, compiled.note).toBe(0)
  const deployed = await dagCommand('deploy')
  expect(deployed.exit, deployed.note).toBe(0)
})

describe('a run that failed', () => {
  const id = 'manual__2026-03-09t00-00-00z'

  test('is executed once more from where it failed, with its setup', async () => {
    writeFileSync(file('fail-sell'), '')
    const first = await dagCommand('trigger', 'shop', '--date', '2026-03-09', '--wait')
    expect(first.exit, first.note).toBe(2)
    expect(await states(id)).toEqual({
      open: 'success',
      sell: 'failed',
      close: 'success',
      count: 'upstream_failed',
    })
    rmSync(file('fail-sell'))
    writeFileSync(file('calls.txt'), '')
    const second = await dagCommand('rerun', id, '--wait')
    expect(second.exit, second.note).toBe(0)
    // The teardown had cleaned up.
    expect(second.note).toContain('again: open, sell, close, count')
    expect(calls().split(' ').toSorted()).toEqual(['close', 'count', 'open', 'sell'])
  })

  test('is executed from any task on; the rest is taken over', async () => {
    writeFileSync(file('calls.txt'), '')
    const { exit, note } = await dagCommand('rerun', id, '--from', 'count', '--wait')
    expect(exit, note).toBe(0)
    expect(note).toContain('kept: open, sell, close; again: count')
    expect(calls()).toBe('count')
    expect(await states(id)).toEqual({
      open: 'restored',
      sell: 'restored',
      close: 'restored',
      count: 'success',
    })
  })

  test.each([
    [[id], 'every task of run manual__2026-03-09t00-00-00z has finished'],
    [[id, '--from', 'counts'], 'DAG shop has no task counts'],
    [['manual__x'], 'there is no run manual__x'],
    [[id, '--env', 'prod', '--live'], '--live is for runs on this machine'],
  ])('dag rerun %j is refused', async (args, message) => {
    const { exit, note } = await dagCommand('rerun', ...args)
    expect({ exit, note }).toEqual({ exit: 1, note: expect.stringContaining(message) as string })
  })
})

describe('a run that is under way', () => {
  const id = 'manual__2026-03-10t00-00-00z'

  test('is stopped with its container, and its teardown runs', async () => {
    writeFileSync(file('calls.txt'), '')
    writeFileSync(file('hang-sell'), '')
    const started = await dagCommand('trigger', 'shop', '--date', '2026-03-10')
    expect(started).toMatchObject({ exit: 0, out: id })
    await waitFor(() => calls() === 'open sell')
    expect((await dagCommand('rerun', id)).note).toContain(`run ${id} is still running`)
    const { exit, note, out } = await dagCommand('runs', 'cancel', id, '--json')
    expect(exit, note).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      run_id: id,
      state: 'CANCELLED',
      containers: [expect.stringMatching(/^shop--sell-/)],
      queries: [],
    })
    expect(calls()).toBe('open sell close')
    expect(await states(id)).toEqual({
      open: 'restored',
      sell: 'cancelled',
      close: 'success',
      count: 'cancelled',
    })
    expect((await dagCommand('runs', 'list')).out).toMatch(new RegExp(`${id} +shop +⊘ cancelled`))
    expect((await dagCommand('runs', 'cancel', id)).note).toContain('has ended already: cancelled')
  })

  test('whose workflow alone was stopped is stopped as a whole', async () => {
    const half = 'manual__2026-03-11t00-00-00z'
    writeFileSync(file('calls.txt'), '')
    await dagCommand('trigger', 'shop', '--date', '2026-03-11')
    await waitFor(() => calls() === 'open sell')
    const { execution } = JSON.parse((await dagCommand('runs', 'show', half, '--json')).out) as RunView
    const { url } = JSON.parse(readFileSync(file('.dag/emulator.json'), 'utf8')) as { url: string }
    expect((await fetch(`${url}/v1/${execution}:cancel`, { method: 'POST' })).status).toBe(200)
    const { exit, note, out } = await dagCommand('runs', 'cancel', half, '--json')
    expect(exit, note).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ containers: [expect.stringMatching(/^shop--sell-/)] })
    expect(calls()).toBe('open sell close')
  })

  test('can be executed anew afterwards', async () => {
    rmSync(file('hang-sell'))
    const { exit, note } = await dagCommand('rerun', id, '--wait')
    expect(exit, note).toBe(0)
    expect(new Set(Object.values(await states(id)))).toEqual(new Set(['success']))
  })
})

describe('a run that was executed as a whole again, and failed', () => {
  const id = 'manual__2026-03-12t00-00-00z'
  const trigger = () => dagCommand('trigger', 'shop', '--date', '2026-03-12', '--wait')

  test('is executed from where the last execution failed', async () => {
    expect((await trigger()).exit).toBe(0)
    writeFileSync(file('fail-sell'), '')
    expect((await trigger()).exit).toBe(2)
    rmSync(file('fail-sell'))
    writeFileSync(file('calls.txt'), '')
    const { exit, note } = await dagCommand('rerun', id, '--wait')
    expect(exit, note).toBe(0)
    // The teardown had cleaned up.
    expect(note).toContain('again: open, sell, close, count')
    expect(calls().split(' ').toSorted()).toEqual(['close', 'count', 'open', 'sell'])
  })

  test('counts nothing of what a stopped rerun was to do again', async () => {
    writeFileSync(file('hang-count'), '')
    writeFileSync(file('calls.txt'), '')
    expect(await ledgerOf(id)).toContain('count/0')
    await dagCommand('rerun', id, '--from', 'count')
    await waitFor(() => calls() === 'count')
    expect(await ledgerOf(id)).toEqual(['close/0', 'open/0', 'sell/0'])
    expect((await dagCommand('runs', 'cancel', id)).exit).toBe(0)
    rmSync(file('hang-count'))
    const { exit, note } = await dagCommand('rerun', id, '--wait')
    expect(exit, note).toBe(0)
    expect(note).toContain('again: count')
  })
})

describe('a run that the service has forgotten', () => {
  const id = 'manual__2025-03-12t00-00-00z'
  const write = (name: string, content: unknown) =>
    send(
      'POST',
      `/upload/storage/v1/b/local-project-data/o?uploadType=media&name=runs/shop/${id}/${name}`,
      content,
    )

  test('is refused where its ledger does not say what it was given', async () => {
    await write('open/0/result.json', { state: 'success', tries: 1, output: { by: 'open' } })
    const { exit, note } = await dagCommand('rerun', id)
    expect(exit).toBe(1)
    expect(note).toMatch(
      /^DAG608 no execution of run manual__2025\S+ is left, and its ledger lacks its params\n.*\n {2}fix: /,
    )
  })

  test('is executed from its ledger', async () => {
    const tasks = {
      open: { state: 'success' },
      sell: { state: 'failed' },
      count: { state: 'upstream_failed' },
      close: { state: 'upstream_failed' },
    }
    const at = '2025-03-12T00:00:00+00:00'
    const run = { trigger: 'manual', logical_date: at, interval_start: at, interval_end: at, params: {} }
    await write('state.json', { execution: 'gone', state: 'failed', tasks, run })
    writeFileSync(file('calls.txt'), '')
    const { exit, note } = await dagCommand('rerun', id, '--wait')
    expect(exit, note).toBe(0)
    expect(note).toContain('kept: open; again: sell, close, count')
    expect(await states(id)).toMatchObject({ open: 'restored', sell: 'success' })
  })
})

describe('a run that waits for another', () => {
  const id = 'manual__2026-03-15t00-00-00z'
  const waited = `triggered__week__${id}__run_shop`
  const free = `triggered__week__${id}__free_shop`

  test('is stopped with it, and its teardown runs; what it does not wait for goes on', async () => {
    writeFileSync(file('hang-sell'), '')
    writeFileSync(file('calls.txt'), '')
    expect((await dagCommand('trigger', 'week', '--date', '2026-03-15')).exit).toBe(0)
    await waitFor(
      () =>
        calls()
          .split(' ')
          .filter((name) => name === 'sell').length === 2,
    )
    const { exit, note, out } = await dagCommand('runs', 'cancel', id, '--json')
    expect(exit, note).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      run_id: id,
      dag: 'week',
      state: 'CANCELLED',
      teardown: null,
      children: [
        {
          run_id: waited,
          dag: 'shop',
          state: 'CANCELLED',
          containers: [expect.stringMatching(/^shop--sell-/)],
          children: [],
        },
      ],
    })
    expect(await states(waited)).toEqual({
      open: 'restored',
      sell: 'cancelled',
      close: 'success',
      count: 'cancelled',
    })
    expect(await states(id)).toEqual({ free_shop: 'success', run_shop: 'cancelled' })
    expect(await states(free)).toMatchObject({ open: 'success', sell: 'running' })
    rmSync(file('hang-sell'))
    expect((await dagCommand('runs', 'cancel', free)).exit).toBe(0)
  })

  test.each([
    ['whose files are gone', () => rmSync(file('dags/shop'), { recursive: true })],
    ['that does not compile any more', () => writeFileSync(file('dags/shop/dag.ts'), 'export default dag(')],
  ])('is stopped with it, though it is of a DAG %s', async (_, change) => {
    const own = 'manual__2026-03-16t00-00-00z'
    const stopped = `triggered__week__${own}__run_shop`
    writeFileSync(file('hang-sell'), '')
    writeFileSync(file('calls.txt'), '')
    expect((await dagCommand('trigger', 'week', '--date', '2026-03-16')).exit).toBe(0)
    await waitFor(() => calls().includes('sell'))
    try {
      change()
      const { exit, note, out } = await dagCommand('runs', 'cancel', own, '--json')
      expect(exit, note).toBe(0)
      expect(note).toContain(
        `${stopped}: cancelled; DAG shop is not compiled here: what it has started goes on`,
      )
      expect(JSON.parse(out)).toMatchObject({
        run_id: own,
        state: 'CANCELLED',
        children: [{ run_id: stopped, dag: 'shop', state: 'CANCELLED', containers: [], teardown: null }],
      })
    } finally {
      mkdirSync(file('dags/shop'), { recursive: true })
      writeFileSync(file('dags/shop/dag.ts'), dag)
      rmSync(file('hang-sell'))
    }
    expect(await states(own)).toMatchObject({ run_shop: 'cancelled' })
    expect(await states(stopped)).toMatchObject({ sell: 'cancelled' })
  })
})
