import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { realClock } from '../../clock.ts'
import { JobStore } from './job-store.ts'
import type { Job } from './job.ts'
import { field } from './testing/memory-warehouse.ts'
import { JobRunner, type Outcome } from './runner.ts'

let dir: string
let jobs: JobStore
let runner: JobRunner

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'runner-test-'))
  jobs = await JobStore.open(dir, 'p', 0, async () => new Map())
  runner = new JobRunner(jobs, realClock())
})
afterEach(async () => {
  await runner.close()
  await jobs.close()
  await rm(dir, { recursive: true })
})

function newJob(id: string): Job {
  return { id, location: 'US', configuration: {}, state: 'PENDING', createdAt: 0, statistics: {} }
}

function outcome(onClose: () => void): Outcome {
  const close = () => Promise.resolve(onClose())
  return {
    statistics: {},
    result: { schema: [field('x', 'INT64')], rows: { count: 0, read: async () => [], close } },
  }
}

test('results are kept for the newest 200 jobs, and closed after that and at the end', async () => {
  const closed: string[] = []
  for (let count = 0; count < 203; count += 1) {
    const job = newJob(`j${count}`)
    runner.start(job, async () => outcome(() => closed.push(job.id)))
    await runner.wait(job, 1000)
  }
  expect(closed).toEqual(['j0', 'j1', 'j2'])
  expect(runner.result(newJob('j2'))).toBeUndefined()
  expect(runner.result(newJob('j3'))).toBeDefined()
  await runner.close()
  expect(closed).toHaveLength(203)
})

test('an effect that comes in spite of a cancellation is a success', async () => {
  const job = newJob('late')
  runner.start(job, async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return { statistics: { done: true } }
  })
  runner.cancel(job)
  expect(await runner.wait(job, 1000)).toMatchObject({ state: 'DONE', statistics: { done: true } })
  expect((await runner.wait(job, 0)).errorResult).toBeUndefined()
})

test('many jobs are compacted on opening, ids of deleted ones stay taken', async () => {
  for (let count = 0; count < 600; count += 1) {
    const job = newJob(`j${count}`)
    runner.start(job, async () => ({ statistics: { count } }))
    await runner.wait(job, 1000)
  }
  jobs.delete(jobs.get('j7', 'US'))
  await jobs.close()
  jobs = await JobStore.open(dir, 'p', 0, async () => new Map())
  expect(jobs.list()).toHaveLength(599)
  expect(jobs.list()[0]).toMatchObject({ id: 'j599', state: 'DONE', statistics: { count: 599 } })
  expect(() => jobs.insert(newJob('j7'))).toThrow('Already Exists: Job p:US.j7')
  expect(() => jobs.get('j7', 'US')).toThrow('Not found: Job p:j7')
})

test('a job that was under way when the process died succeeded if it had had its effect', async () => {
  for (const id of ['done', 'undone']) jobs.insert(newJob(id))
  await jobs.close()
  const result = { outputRows: 3, outputBytes: 24, badRecords: 0, errors: [] }
  jobs = await JobStore.open(dir, 'p', 9, async () => new Map([['US.done', result]]))
  expect(jobs.get('done', 'US')).toMatchObject({
    state: 'DONE',
    endedAt: 9,
    statistics: { load: { outputRows: '3', outputBytes: '24', badRecords: '0' } },
  })
  expect(jobs.get('done', 'US').errorResult).toBeUndefined()
  expect(jobs.get('undone', 'US')).toMatchObject({ state: 'DONE', errorResult: { reason: 'backendError' } })
})
