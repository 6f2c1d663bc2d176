import { afterEach, expect, it } from 'vitest'
import { virtualClock } from '../../clock.ts'
import { executionEnd, startTestCloud, type TestCloud } from '../../testing/cloud.ts'
import type { LocalProgram } from './images.ts'

const source = `
main:
  params: [args]
  steps:
    - runs:
        parallel:
          for:
            value: seconds
            in: \${args.seconds}
            steps:
              - run_job:
                  call: googleapis.run.v2.projects.locations.jobs.run
                  args:
                    name: \${"projects/" + sys.get_env("GOOGLE_CLOUD_PROJECT_ID") + "/locations/us-central1/jobs/nap"}
                    body: { overrides: { timeout: 3600s, containerOverrides: [{ env: [{ name: SECONDS, value: "\${string(seconds)}" }] }] } }
                    connector_params: { timeout: 7200 }
`

let cloud: TestCloud | undefined
afterEach(() => cloud?.close())

/** Runs the job once for each number of seconds, at the same time; resolves with the execution and how long it took. */
async function nap(program: LocalProgram, seconds: readonly number[]) {
  cloud = await startTestCloud({
    clock: virtualClock(Date.parse('2026-03-09T09:00:00Z')),
    images: { nap: program },
    maxProcesses: 1,
  })
  const { parent } = cloud
  const template = { maxRetries: 0, containers: [{ image: 'nap' }] }
  await cloud.request('POST', `/v2/${parent}/jobs?jobId=nap`, { template: { template } })
  await cloud.request('POST', `/v1/${parent}/workflows?workflowId=naps`, { sourceContents: source })
  const argument = JSON.stringify({ seconds })
  const { body } = await cloud.request('POST', `/v1/${parent}/workflows/naps/executions`, { argument })
  const execution = await executionEnd(cloud, String(body['name']))
  const took = Date.parse(String(execution['endTime'])) - Date.parse(String(execution['startTime']))
  return { execution, minutes: Math.floor(took / 60_000) }
}

const sleeper = (ended: string[]): LocalProgram => ({
  run: async ({ env, sleep, log }) => {
    await sleep(Number(env['SECONDS']) * 1000)
    // Work that takes real time takes none on the clock.
    await new Promise((resolve) => setTimeout(resolve, 5))
    ended.push(env['SECONDS'] ?? '')
    log('stdout', '{"severity":"INFO","message":"slept"}')
    return 0
  },
})

it('sleeps on the clock, many at a time', async () => {
  const ended: string[] = []
  const { execution, minutes } = await nap(sleeper(ended), [1800, 600, 1200, 300])
  expect(execution['state']).toBe('SUCCEEDED')
  expect(ended).toEqual(['300', '600', '1200', '1800'])
  expect(minutes).toBe(30)
})

it('is stopped by its timeout', async () => {
  const ended: string[] = []
  const { execution, minutes } = await nap(sleeper(ended), [7200])
  expect(execution['state']).toBe('FAILED')
  expect(JSON.stringify(execution['error'])).toContain('The configured timeout was reached')
  expect([ended, minutes]).toEqual([[], 60])
})

it('fails with what it throws, or with its exit code', async () => {
  const thrown = await nap({ run: () => Promise.reject(new Error('out of luck')) }, [1])
  expect(JSON.stringify(thrown.execution['error'])).toContain('exit code 1')
  await cloud?.close()
  const exited = await nap({ run: () => Promise.resolve(3) }, [1])
  expect(JSON.stringify(exited.execution['error'])).toContain('exit code 3')
})
