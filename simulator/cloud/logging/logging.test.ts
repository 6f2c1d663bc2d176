import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { virtualClock } from '../../clock.ts'
import { executionEnd, startTestCloud, type TestCloud } from '../../testing/cloud.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ clock: virtualClock(Date.parse('2026-03-09T09:00:00Z')) })
  const sourceContents = `
main:
  steps:
    - text:
        call: sys.log
        args: { text: "plain", severity: INFO }
    - failed:
        call: sys.log
        args: { severity: ERROR, json: { dag: films, run_id: r1, task: load, rows: 3 } }
    - job:
        call: googleapis.run.v2.projects.locations.jobs.run
        args:
          name: projects/test-project/locations/us-central1/jobs/noisy
`
  await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=logs`, { sourceContents })
  const script =
    'for (let i = 0; i < 3; i += 1) console.log(JSON.stringify({ severity: "warning", dag: "films", run_id: "r2", i }))'
  await cloud.request('POST', `/v2/${cloud.parent}/jobs?jobId=noisy`, {
    template: { template: { containers: [{ image: 'script', args: [script] }] } },
  })
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/logs/executions`, {})
  await executionEnd(cloud, String(body['name']))
})
afterAll(() => cloud.close())

async function list(
  body: object,
): Promise<{ status: number; entries: Record<string, unknown>[]; next: unknown }> {
  const answer = await cloud.request('POST', '/v2/entries:list', {
    resourceNames: ['projects/test-project'],
    ...body,
  })
  return {
    status: answer.status,
    entries: (answer.body['entries'] ?? []) as Record<string, unknown>[],
    next: answer.body['nextPageToken'],
  }
}

it.each([
  // Two of them are the service's own.
  ['', 7],
  ['logName="projects/test-project/logs/Workflows"', 2],
  ['logName:"executions_system" AND jsonPayload.state="SUCCEEDED"', 1],
  ['severity>=WARNING', 4],
  ['severity=ERROR', 1],
  ['jsonPayload.dag="films" AND jsonPayload.run_id="r2"', 3],
  ['jsonPayload.i="1"', 1],
  ['textPayload:"lai"', 1],
  ['timestamp>="2000-01-01T00:00:00Z" AND resource.type="cloud_run_job"', 3],
  ['resource.labels.job_name="noisy" AND labels."run.googleapis.com/task_index"="0"', 3],
  ['jsonPayload.constructor:*', 0],
])('finds %s', async (filter, count) => {
  expect((await list({ filter })).entries).toHaveLength(count)
})

/** The entries of one execution of a workflow that calls, fails and goes on. */
async function callLogs(callLogLevel: string) {
  const sourceContents = `
main:
  steps:
    - greet:
        call: hello
        args: { name: Ana }
        result: text
    - guarded:
        try:
          steps:
            - ask:
                call: broken
                args: { one: { a: b } }
        except:
          as: e
          steps:
            - go_on: { assign: [{ done: true }] }
    - listed: { call: math.max, args: [-1, 2.5] }
    - fetch:
        call: http.get
        args: { url: "http://127.0.0.1:1/", headers: { Authorization: secret, X-A: b } }
hello:
  params: [name]
  steps:
    - give: { return: '\${"hello " + name}' }
broken:
  params: [one]
  steps:
    - fall: { raise: { message: down, tags: [Down] } }
`
  const workflow = `calls-${callLogLevel.toLowerCase().replaceAll('_', '-')}`
  await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=${workflow}`, {
    sourceContents,
    callLogLevel,
  })
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/${workflow}/executions`, {
    argument: '{"n":1}',
  })
  await executionEnd(cloud, String(body['name']))
  const { entries } = await list({ filter: `resource.labels.workflow_id="${workflow}"` })
  return entries.map(({ logName, severity, jsonPayload }) => ({
    log: String(logName).replace(/^.*%2F/, ''),
    severity,
    ...(jsonPayload as Record<string, unknown>),
  }))
}

describe('calls', () => {
  const time = expect.stringMatching(/^2026-03-09T/) as string
  const refused = expect.stringContaining('ConnectionFailedError') as string
  const call = (state: string, step: string, callee: string, details: object) => ({
    '@type': 'type.googleapis.com/google.cloud.workflows.type.EngineCallLog',
    log: 'engine_call',
    severity: 'DEBUG',
    executionId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    activityTime: time,
    state,
    step,
    callee,
    ...details,
  })
  const failed = (exception: string, origin: string) => ({ callStartTime: time, exception, origin })
  const system = (severity: string, details: object) => ({
    '@type': 'type.googleapis.com/google.cloud.workflows.type.ExecutionsSystemLog',
    log: 'executions_system',
    severity,
    activityTime: time,
    ...details,
  })
  const down = '{"message":"down","tags":["Down"]}'
  const begin = system('INFO', {
    state: 'ACTIVE',
    message: 'Execution started.',
    start: { argument: '{"n":1}' },
  })
  const end = system('ERROR', {
    state: 'FAILED',
    message: 'Execution failed.',
    failure: { exception: expect.stringContaining('127.0.0.1:1') as string, source: 'main.fetch' },
  })
  const raised = [
    call('EXCEPTION_RAISED', 'ask', 'broken', { exceptionRaised: failed(down, 'fall') }),
    call('EXCEPTION_HANDLED', 'guarded', 'broken', { exceptionHandled: failed(down, 'fall') }),
    call('EXCEPTION_RAISED', 'fetch', 'http.get', { exceptionRaised: failed(refused, 'fetch') }),
  ]

  it('are logged with their arguments and results', async () => {
    expect(await callLogs('LOG_ALL_CALLS')).toEqual([
      begin,
      call('BEGUN', 'greet', 'hello', { begun: { namedArgs: { name: 'Ana' } } }),
      call('SUCCEEDED', 'greet', 'hello', { succeeded: { callStartTime: time, response: '"hello Ana"' } }),
      call('BEGUN', 'ask', 'broken', { begun: { namedArgs: { one: { a: 'b' } } } }),
      raised[0],
      raised[1],
      call('BEGUN', 'listed', 'math.max', { begun: { args: [{ argument: '-1' }, { argument: '2.5' }] } }),
      call('SUCCEEDED', 'listed', 'math.max', { succeeded: { callStartTime: time, response: '2.5' } }),
      call('BEGUN', 'fetch', 'http.get', {
        begun: {
          namedArgs: { url: 'http://127.0.0.1:1/', headers: { Authorization: '[REDACTED]', 'X-A': 'b' } },
        },
      }),
      raised[2],
      end,
    ])
  })

  it('that fail', async () => {
    expect(await callLogs('LOG_ERRORS_ONLY')).toEqual([begin, ...raised, end])
  })

  it.each(['LOG_NONE', 'CALL_LOG_LEVEL_UNSPECIFIED'])('are not logged with %s', async (level) => {
    expect(await callLogs(level)).toEqual([begin, end])
  })
})

it('orders and pages', async () => {
  const first = await list({ filter: 'jsonPayload.run_id="r2"', orderBy: 'timestamp desc', pageSize: 2 })
  expect(first.entries).toHaveLength(2)
  const second = await list({
    filter: 'jsonPayload.run_id="r2"',
    orderBy: 'timestamp desc',
    pageSize: 2,
    pageToken: first.next,
  })
  expect(second.entries).toHaveLength(1)
  expect(second.next).toBeUndefined()
})

it('refuses what it does not know', async () => {
  expect((await list({ resourceNames: [] })).status).toBe(400)
  expect((await list({ resourceNames: ['organizations/1'] })).status).toBe(400)
  expect((await list({ filter: 'severity>' })).status).toBe(400)
  expect((await list({ resourceNames: ['projects/other'] })).entries).toEqual([])
})
