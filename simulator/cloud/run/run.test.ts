import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogRecord } from '../../emulator.ts'
import { scriptImage, startTestCloud, type TestCloud } from '../../testing/cloud.ts'

let cloud: TestCloud
const logs: LogRecord[] = []
beforeAll(async () => {
  cloud = await startTestCloud({
    images: { script: scriptImage, 'registry.test/missing': { command: ['/no/such/program'] } },
    stepEnv: { FROM_STEP_ENV: 'local', API_KEY: 'secret-of-this-machine' },
    onLog: (record) => logs.push(record),
  })
})
afterAll(() => cloud.close())

interface Task {
  readonly image?: string
  readonly timeout?: number
  readonly maxRetries?: number
  readonly env?: readonly object[]
  readonly taskCount?: number
}

let count = 0
/** Creates a job whose container runs a piece of JavaScript. */
async function job(script: string, task: Task = {}): Promise<string> {
  count += 1
  const [operation] = await cloud.jobs.createJob({
    parent: cloud.parent,
    jobId: `job-${count}`,
    job: {
      labels: { dag: 'test' },
      template: {
        taskCount: task.taskCount ?? 1,
        template: {
          maxRetries: task.maxRetries ?? 0,
          timeout: { seconds: task.timeout ?? 60 },
          containers: [{ image: task.image ?? 'script', args: [script], env: [...(task.env ?? [])] }],
        },
      },
    },
  })
  const [created] = await operation.promise()
  return created.name ?? ''
}

async function run(name: string, overrides: object = {}) {
  const [operation] = await cloud.jobs.runJob({ name, overrides })
  const [execution] = await operation.promise()
  return execution
}

const logged = (execution: string | null | undefined) =>
  logs.filter(({ labels }) => labels['run.googleapis.com/execution_name'] === execution?.split('/').at(-1))

describe('@google-cloud/run', () => {
  it('runs a job to success and names its execution at once', async () => {
    const name = await job(
      'console.log(JSON.stringify({ severity: "notice", message: "hi", task: "t" })); console.log("plain")',
    )
    const [operation] = await cloud.jobs.runJob({ name })
    const started = operation.metadata as { name?: string }
    expect(started.name).toMatch(new RegExp(`^${name}/executions/job-\\d+-[a-z0-9]{5}$`))
    expect(operation.done).toBe(false)
    const [execution] = await operation.promise()
    expect(execution).toMatchObject({
      name: started.name,
      succeededCount: 1,
      failedCount: 0,
      runningCount: 0,
      reconciling: false,
      conditions: [{ type: 'Completed', state: 4 }],
    })
    expect(logged(execution.name)).toMatchObject([
      {
        severity: 'NOTICE',
        jsonPayload: { message: 'hi', task: 't' },
        resource: { type: 'cloud_run_job', labels: { job_name: name.split('/').at(-1) } },
      },
      { severity: 'DEFAULT', textPayload: 'plain' },
    ])
    const [readBack] = await cloud.jobs.getJob({ name })
    expect(readBack).toMatchObject({ executionCount: 1, latestCreatedExecution: { name: started.name } })
  })

  it('gives the environment of the architecture', async () => {
    const names = [
      'CLOUD_RUN_JOB',
      'CLOUD_RUN_EXECUTION',
      'CLOUD_RUN_TASK_INDEX',
      'CLOUD_RUN_TASK_ATTEMPT',
      'CLOUD_RUN_TASK_COUNT',
      'GOOGLE_CLOUD_PROJECT',
      'STORAGE_EMULATOR_HOST',
      'BIGQUERY_EMULATOR_HOST',
      'METADATA_SERVER_DETECTION',
      'A',
      'B',
      'C',
      'FROM_STEP_ENV',
      'API_KEY',
      'VITEST',
    ]
    const name = await job(
      `console.log(JSON.stringify(${JSON.stringify(names)}.map((n) => process.env[n] ?? null)))`,
      {
        env: [
          { name: 'A', value: 'job' },
          { name: 'B', value: 'job' },
          { name: 'FROM_STEP_ENV', value: 'job' },
          { name: 'API_KEY', valueSource: { secretKeyRef: { secret: 'key', version: 'latest' } } },
        ],
      },
    )
    const execution = await run(name, {
      containerOverrides: [
        {
          env: [
            { name: 'B', value: 'run' },
            { name: 'C', value: 'run' },
          ],
        },
      ],
    })
    const { url } = cloud.emulator
    expect(JSON.parse(logged(execution.name)[0]?.textPayload ?? '')).toEqual([
      name.split('/').at(-1),
      execution.name?.split('/').at(-1),
      '0',
      '0',
      '1',
      'test-project',
      url,
      url,
      'none',
      'job',
      'run',
      'run',
      'local',
      'secret-of-this-machine',
      null,
    ])
  })

  it('replaces arguments and timeout by override', async () => {
    const name = await job('process.exit(1)')
    expect(await run(name, { containerOverrides: [{ args: ['console.log("other")'] }] })).toMatchObject({
      succeededCount: 1,
    })
    const started = Date.now()
    await expect(
      run(name, { containerOverrides: [{ args: ['setInterval(() => {}, 1000)'] }], timeout: { seconds: 1 } }),
    ).rejects.toMatchObject({ code: 9, message: expect.stringContaining('configured timeout') as string })
    expect(Date.now() - started).toBeLessThan(6000)
  })

  it('fails for a non-zero exit, after as many tries as maxRetries allows', async () => {
    const once = await job('process.exit(3)')
    await expect(run(once)).rejects.toMatchObject({
      code: 9,
      message: expect.stringMatching(
        /^Task job-\d+-\w{5}-task0 failed with message: .*exit code 3/,
      ) as string,
    })
    const { body } = await cloud.request('GET', `/v2/${once}/executions`)
    expect(body['executions']).toMatchObject([
      {
        failedCount: 1,
        retriedCount: 0,
        conditions: [{ type: 'Completed', state: 'CONDITION_FAILED', executionReason: 'NON_ZERO_EXIT_CODE' }],
      },
    ])
    const third = await job('process.exit(process.env.CLOUD_RUN_TASK_ATTEMPT === "2" ? 0 : 1)', {
      maxRetries: 2,
    })
    expect(await run(third)).toMatchObject({ succeededCount: 1, failedCount: 0, retriedCount: 2 })
  })

  it('runs several tasks', async () => {
    const name = await job('console.log(process.env.CLOUD_RUN_TASK_INDEX)', { taskCount: 3 })
    const execution = await run(name)
    expect(execution).toMatchObject({ succeededCount: 3, taskCount: 3 })
    expect(
      logged(execution.name)
        .map(({ textPayload }) => Number(textPayload))
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1, 2])
  })

  it('says how to map an image that has no local command', async () => {
    await expect(run(await job('', { image: 'us-docker.pkg.dev/p/r/unknown:1' }))).rejects.toMatchObject({
      message: expect.stringMatching(
        /"us-docker.pkg.dev\/p\/r\/unknown:1".*dag\.config\.ts: images: /,
      ) as string,
    })
    await expect(run(await job('', { image: 'registry.test/missing:2@sha256:0a' }))).rejects.toMatchObject({
      message: expect.stringMatching(/"\/no\/such\/program" could not be started: .*ENOENT/) as string,
    })
  })

  it('says which secret has no local value', async () => {
    const env = [{ name: 'TOKEN', valueSource: { secretKeyRef: { secret: 'tmdb', version: 'latest' } } }]
    await expect(run(await job('', { env }))).rejects.toMatchObject({
      message: expect.stringMatching(/TOKEN comes from the secret "tmdb"/) as string,
    })
  })

  it('cancels', async () => {
    const name = await job('setInterval(() => {}, 1000)')
    const [operation] = await cloud.jobs.runJob({ name })
    const started = operation.metadata as { name?: string }
    const { body } = await cloud.request('POST', `/v2/${started.name}:cancel`, {})
    expect(body['response']).toMatchObject({
      cancelledCount: 1,
      conditions: [{ state: 'CONDITION_FAILED', executionReason: 'CANCELLED' }],
    })
    await expect(operation.promise()).rejects.toMatchObject({ code: 1 })
  })

  it('updates, with and without allowMissing, lists and deletes', async () => {
    const name = await job('process.exit(1)')
    const wanted = (image: string) => ({ template: { template: { containers: [{ image }] } } })
    const [update] = await cloud.jobs.updateJob({ job: { name, ...wanted('script') } })
    const [updated] = await update.promise()
    expect(updated).toMatchObject({
      template: { taskCount: 1, template: { maxRetries: 3 } },
    })
    await expect(
      cloud.jobs.updateJob({ job: { name: `${cloud.parent}/jobs/fresh`, ...wanted('script') } }),
    ).rejects.toMatchObject({ code: 404 })
    const [upsert] = await cloud.jobs.updateJob({
      job: { name: `${cloud.parent}/jobs/fresh`, ...wanted('script') },
      allowMissing: true,
    })
    await upsert.promise()
    const [jobs] = await cloud.jobs.listJobs({ parent: cloud.parent })
    expect(jobs.map((one) => one.name)).toEqual(expect.arrayContaining([name, `${cloud.parent}/jobs/fresh`]))
    const [deletion] = await cloud.jobs.deleteJob({ name })
    await deletion.promise()
    await expect(cloud.jobs.getJob({ name })).rejects.toMatchObject({ code: 404 })
  })

  it.each([
    ['an unknown field', { template: { template: { containers: [{ image: 'a', arguments: [] }] } } }],
    ['no container', { template: { template: {} } }],
    ['a timeout without unit', { template: { template: { timeout: '600', containers: [{ image: 'a' }] } } }],
    [
      'a value and a source',
      {
        template: {
          template: { containers: [{ image: 'a', env: [{ name: 'A', value: 'x', valueSource: {} }] }] },
        },
      },
    ],
    ['eleven retries', { template: { template: { maxRetries: 11, containers: [{ image: 'a' }] } } }],
  ])('refuses %s', async (_what, body) => {
    const { status } = await cloud.request('POST', `/v2/${cloud.parent}/jobs?jobId=refused`, body)
    expect(status).toBe(400)
  })
})

describe('v1', () => {
  it('runs a job and shows its execution', async () => {
    const name = await job('process.exit(Number(process.env.CODE ?? 0))')
    const id = name.split('/').at(-1)
    const base = '/apis/run.googleapis.com/v1/namespaces/test-project'
    const end = async (env: object[]) => {
      const { body } = await cloud.request('POST', `${base}/jobs/${id}:run?location=us-central1`, {
        overrides: { containerOverrides: [{ env }], timeoutSeconds: 30 },
      })
      const { name: execution } = body['metadata'] as { name: string }
      for (;;) {
        const answer = await cloud.request('GET', `${base}/executions/${execution}`)
        const { conditions } = answer.body['status'] as { conditions: { status: string }[] }
        if (conditions[0]?.status !== 'Unknown') return answer.body
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    expect(await end([])).toMatchObject({
      kind: 'Execution',
      status: { succeededCount: 1, conditions: [{ type: 'Completed', status: 'True' }] },
    })
    expect(await end([{ name: 'CODE', value: '4' }])).toMatchObject({
      status: {
        failedCount: 1,
        conditions: [{ type: 'Completed', status: 'False', reason: 'NonZeroExitCode' }],
      },
    })
  })
})
