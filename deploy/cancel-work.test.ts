import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startEmulator, type Emulator } from '../simulator/emulator.ts'
import { cancelWork } from './cancel-work.ts'
import { connect, type Clients } from './clients.ts'
import { localEnvironment, localNames } from './environment.ts'
import { readLedger } from './ledger.ts'
import { parseConfig } from './load-config.ts'

const state = mkdtempSync(join(tmpdir(), 'dag-cancel-'))
const parent = `projects/${localNames.project}/locations/${localNames.region}`
const own = 'manual__2026-03-09t00-00-00z'
const other = 'manual__2026-03-10t00-00-00z'
let emulator: Emulator
let clients: Clients

const task = (id: string, kind: 'step' | 'model') => ({
  id,
  kind,
  group: null,
  upstream: [],
  reads: [],
  writes: [],
  runs: '',
  retries: 0,
  timeoutSeconds: 60,
})
const job = (name: string) => ({
  id: `shop--${name}`,
  task: name,
  image: 'shop',
  args: [],
  timeoutSeconds: 60,
  cpu: '1',
  memory: '512Mi',
  secrets: {},
  env: [],
})
// `never` was not deployed.
const manifest = {
  dag: 'shop',
  jobs: [job('load'), job('never')],
  tasks: [task('load', 'step'), task('sum', 'model')],
}

beforeAll(async () => {
  const command = [process.execPath, '-e', 'setTimeout(() => undefined, 60_000)']
  emulator = await startEmulator({
    stateDir: state,
    project: localNames.project,
    location: localNames.region,
    images: { shop: { command, cwd: state } },
  })
  clients = connect(localEnvironment(parseConfig({}, 'dag.config.ts'), emulator.url))
})

afterAll(async () => {
  await clients.close()
  await emulator.close()
  rmSync(state, { recursive: true, force: true })
})

test('the containers and queries of a run are cancelled, and no others', async () => {
  const jobs = await clients.jobs()
  const template = { template: { containers: [{ image: 'shop' }], maxRetries: 0 } }
  await (await jobs.createJob({ parent, jobId: 'shop--load', job: { template } }))[0].promise()
  const started = await Promise.all(
    [own, own, other].map(async (runId) => {
      const value = JSON.stringify({ dag: 'shop', run_id: runId, task: 'load' })
      const overrides = { containerOverrides: [{ env: [{ name: 'DAG_RUN', value }] }] }
      const [operation] = await jobs.runJob({ name: `${parent}/jobs/shop--load`, overrides })
      return (operation.metadata as { name: string }).name.split('/').at(-1)
    }),
  )
  const bigquery = await clients.bigquery()
  const endless =
    'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 300000)) a, UNNEST(GENERATE_ARRAY(1, 300000)) b WHERE a * b = -1'
  const ids = [`shop__sum__0__${own}__e-1`, `shop__sum__0__${other}__e-1`]
  for (const jobId of ids) await bigquery.createQueryJob({ query: endless, jobId, location: 'US' })

  const cancelled = await cancelWork(clients, { manifest, runId: own, since: 0 })
  expect(new Set(cancelled.containers)).toEqual(new Set(started.slice(0, 2)))
  expect(cancelled.queries).toEqual([ids[0]])

  const executions = await clients.jobExecutions()
  const [listed] = await executions.listExecutions({ parent: `${parent}/jobs/shop--load` })
  const running = listed.filter((execution) => !execution.completionTime)
  expect(running.map(({ name }) => name?.split('/').at(-1))).toEqual(started.slice(2))
  await vi.waitFor(async () => {
    const [ended] = await bigquery.job(ids[0] ?? '', { location: 'US' }).getMetadata()
    expect(ended.status).toMatchObject({ state: 'DONE', errorResult: { reason: 'stopped' } })
  }, 15_000)
  const [open] = await bigquery.getJobs({ stateFilter: ['running', 'pending'] })
  expect(open.map(({ id }) => id)).toEqual(ids.slice(1))
  // Nothing is left to cancel.
  expect(await cancelWork(clients, { manifest, runId: own, since: 0 })).toEqual({
    containers: [],
    queries: [],
  })
  await cancelWork(clients, { manifest, runId: other, since: 0 })
})

test('the ledger tells what has finished, and how', async () => {
  const storage = await clients.storage()
  await storage.createBucket(localNames.bucket)
  const save = (name: string, content: unknown, metadata?: Record<string, string>) =>
    storage
      .bucket(localNames.bucket)
      .file(`runs/shop/${own}/${name}`)
      .save(JSON.stringify(content), metadata === undefined ? {} : { metadata: { metadata } })
  const skipped = JSON.stringify({ state: 'skipped', tries: 1, reason: 'nothing' })
  await save('load/0/result.json', { output: {} }, { result: '{"state":"success","tries":1}' })
  await save('load/0/e-1/result.json', {})
  await save('files/0/result.json', { skip: 'nothing' }, { outcome: 'skip', result: skipped })
  await save('files/11/result.json', { output: {} }, { result: '{"state":"success"}' })
  await save('files/12/outcome.json', { state: 'failed' })
  await save('sum/0/result.json', { state: 'success', tries: 1, output: {} })
  await save('state.json', {})
  const entries = await readLedger(clients, 'shop', own)
  expect(entries.map(({ task: id, index, state: ended }) => `${id}/${index} ${ended}`).toSorted()).toEqual([
    'files/0 skipped',
    'files/11 success',
    'load/0 success',
    'sum/0 success',
  ])
  expect(await readLedger(clients, 'shop', other)).toEqual([])
})
