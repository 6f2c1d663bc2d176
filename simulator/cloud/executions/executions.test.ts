import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { virtualClock } from '../../clock.ts'
import type { ExecutionEvent, LogRecord } from '../../emulator.ts'
import { executionEnd, startTestCloud, type TestCloud } from '../../testing/cloud.ts'

let cloud: TestCloud
const events: ExecutionEvent[] = []
const logs: LogRecord[] = []
beforeAll(async () => {
  cloud = await startTestCloud({
    clock: virtualClock(Date.parse('2026-03-09T09:00:00Z')),
    onExecutionEvent: (event) => events.push(event),
    onLog: (record) => logs.push(record),
  })
  await deploy(
    'add',
    'main:\n  params: [args]\n  steps:\n    - sum:\n        assign: [{s: "${args.a + args.b}"}]\n    - done:\n        return: ${s}\n',
  )
  await deploy(
    'fail',
    'main:\n  steps:\n    - call_it:\n        call: inner\ninner:\n  steps:\n    - boom:\n        raise: {message: bad, code: 7}\n',
  )
  await deploy(
    'sleep',
    'main:\n  steps:\n    - nap:\n        call: sys.sleep\n        args: {seconds: 3600}\n    - done:\n        return: ${sys.now()}\n',
  )
  // Waits for the wall: the request below never ends by itself.
  await deploy(
    'hang',
    'main:\n  params: [args]\n  steps:\n    - ask:\n        call: http.get\n        args: {url: "${args.url}"}\n',
  )
  await deploy(
    'env',
    `main:
  steps:
    - log:
        call: sys.log
        args: {json: {task: load, n: 9007199254740993}, severity: WARNING}
    - done:
        return:
          - \${sys.get_env("DAG_BUCKET")}
          - \${sys.get_env("GOOGLE_CLOUD_PROJECT_ID")}
          - \${sys.get_env("GOOGLE_CLOUD_LOCATION")}
          - \${sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID")}
          - \${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}
`,
  )
})
afterAll(() => cloud.close())

async function deploy(workflowId: string, sourceContents: string): Promise<void> {
  const [operation] = await cloud.workflows.createWorkflow({
    parent: cloud.parent,
    workflowId,
    workflow: {
      sourceContents,
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
      userEnvVars: { DAG_BUCKET: 'lake' },
      labels: { dag: workflowId },
    },
  })
  await operation.promise()
}

const parentOf = (workflow: string) => `${cloud.parent}/workflows/${workflow}`

async function start(
  workflow: string,
  argument?: unknown,
  labels: Record<string, string> = {},
): Promise<string> {
  const [execution] = await cloud.executions.createExecution({
    parent: parentOf(workflow),
    execution: { ...(argument === undefined ? {} : { argument: JSON.stringify(argument) }), labels },
  })
  expect(execution.state).toBe('ACTIVE')
  return execution.name ?? ''
}

const run = async (workflow: string, argument?: unknown, labels: Record<string, string> = {}) =>
  executionEnd(cloud, await start(workflow, argument, labels))

describe('@google-cloud/workflows executions', () => {
  it('runs to success', async () => {
    const name = await start('add', { a: 1, b: 2 }, { run: 'r1' })
    await executionEnd(cloud, name)
    const [execution] = await cloud.executions.getExecution({ name })
    expect(execution).toMatchObject({
      name,
      state: 'SUCCEEDED',
      result: '3',
      argument: '{"a":1,"b":2}',
      labels: { dag: 'add', run: 'r1' },
      status: { currentSteps: [{ routine: 'main', step: 'done' }] },
    })
    expect(execution.workflowRevisionId).toMatch(/^000001-/)
    const [basic] = await cloud.executions.getExecution({ name, view: 'BASIC' })
    expect(basic).toMatchObject({ state: 'SUCCEEDED', argument: '', result: '' })
  })

  it('keeps integers beyond 2^53', async () => {
    const { body } = await cloud.request('POST', `/v1/${parentOf('add')}/executions`, {
      argument: '{"a": 9007199254740993, "b": 0}',
    })
    expect(await executionEnd(cloud, String(body['name']))).toMatchObject({ result: '9007199254740993' })
  })

  it('fails with payload, context and stack trace', async () => {
    const execution = await run('fail')
    expect(execution).toMatchObject({
      state: 'FAILED',
      error: {
        payload: '{"message":"bad","code":7}',
        context: expect.stringContaining('in step "boom", routine "inner", line: 7') as string,
        stackTrace: {
          elements: expect.arrayContaining([
            expect.objectContaining({
              step: 'boom',
              routine: 'inner',
              position: expect.objectContaining({ line: '7' }) as object,
            }),
          ]) as object[],
        },
      },
    })
    expect(execution).not.toHaveProperty('result')
  })

  it('sleeps an hour of virtual time at once', async () => {
    const execution = await run('sleep')
    const took = Date.parse(String(execution['endTime'])) - Date.parse(String(execution['startTime']))
    expect(took).toBeGreaterThanOrEqual(3_600_000)
    expect(took).toBeLessThan(3_610_000)
    expect(execution['duration']).toBe(`${took / 1000}s`)
  })

  it('knows its environment and logs', async () => {
    const execution = await run('env')
    const id = String(execution['name']).split('/').at(-1)
    expect(JSON.parse(String(execution['result']))).toEqual([
      'lake',
      'test-project',
      'us-central1',
      'env',
      id,
    ])
    const own = logs.filter(({ labels }) => labels['workflows.googleapis.com/execution_id'] === id)
    const record = own.find(({ logName }) => logName.endsWith('/Workflows'))
    expect(record).toMatchObject({ severity: 'WARNING', jsonPayload: { task: 'load' } })
  })

  it('is cancelled', async () => {
    const { createServer } = await import('node:http')
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const name = await start('hang', { url: `http://127.0.0.1:${port}/` })
    const [running] = await cloud.executions.getExecution({ name })
    expect(running).toMatchObject({
      state: 'ACTIVE',
      status: { currentSteps: [{ routine: 'main', step: 'ask' }] },
    })
    const live = await cloud.request('GET', `/v1/${name}/stepEntries`)
    expect(live.body['stepEntries']).toMatchObject([{ step: 'ask', state: 'STATE_IN_PROGRESS' }])
    const [cancelled] = await cloud.executions.cancelExecution({ name })
    expect(cancelled.state).toBe('CANCELLED')
    expect(cancelled.error?.payload).not.toBe('')
    const after = await cloud.request('GET', `/v1/${name}/stepEntries`)
    expect(after.body['stepEntries']).toMatchObject([{ step: 'ask', state: 'STATE_CANCELLED' }])
    await expect(cloud.executions.cancelExecution({ name })).rejects.toMatchObject({ code: 400 })
    server.closeAllConnections()
    server.close()
  })

  it('refuses what the service refuses', async () => {
    const create = (body: unknown, workflow = 'add') =>
      cloud.request('POST', `/v1/${parentOf(workflow)}/executions`, body)
    expect((await create({ argument: '{' })).status).toBe(400)
    expect((await create({ argument: { a: 1 } })).status).toBe(400)
    expect((await create({ argument: JSON.stringify('x'.repeat(33_000)) })).status).toBe(400)
    expect((await create({ args: '{}' })).status).toBe(400)
    expect((await create({ labels: { 'Run Id': 'x' } })).status).toBe(400)
    expect((await create({}, 'none')).status).toBe(404)
    expect((await cloud.request('GET', `/v1/${parentOf('add')}/executions/none`)).status).toBe(404)
  })

  const labels = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'v']))
  const argument = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2))

  it.each<[string, object]>([
    ['an argument of 32 KB', { argument: argument(32 * 1024) }],
    ['an empty argument', { argument: '' }],
    ['64 labels, those of the workflow aside', { labels: labels(64) }],
    ['a level as number', { callLogLevel: 3 }],
  ])('accepts %s', async (_what, body) => {
    const { status } = await cloud.request('POST', `/v1/${parentOf('add')}/executions`, body)
    expect(status).toBe(200)
  })

  it.each<[string, object, string]>([
    ['an argument above 32 KB', { argument: argument(32 * 1024 + 1) }, 'execution.argument'],
    ['an argument that is no JSON', { argument: '{a: 1}' }, 'execution.argument'],
    ['an argument that is an object', { argument: { a: 1 } }, 'execution.argument'],
    ['an unknown field', { args: '{}' }, 'execution'],
    ['65 labels', { labels: labels(65) }, 'execution.labels'],
    ['an upper-case label', { labels: { 'Run Id': 'x' } }, 'execution.labels'],
    ['an unknown level', { callLogLevel: 'LOUD' }, 'execution.call_log_level'],
    ['an unknown history level', { executionHistoryLevel: 'ALL' }, 'execution.execution_history_level'],
    [
      'a flag that is no boolean',
      { disableConcurrencyQuotaOverflowBuffering: 'yes' },
      'execution.disable_concurrency_quota_overflow_buffering',
    ],
  ])('refuses %s and names the field', async (_what, body, field) => {
    expect(await cloud.request('POST', `/v1/${parentOf('add')}/executions`, body)).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 400,
          status: 'INVALID_ARGUMENT',
          details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field }] }],
        },
      },
    })
  })

  it('inherits the levels that are not specified', async () => {
    const { body } = await cloud.request('POST', `/v1/${parentOf('add')}/executions`, {
      argument: '{"a":1,"b":1}',
      callLogLevel: 'CALL_LOG_LEVEL_UNSPECIFIED',
      executionHistoryLevel: 'EXECUTION_HISTORY_LEVEL_UNSPECIFIED',
      disableConcurrencyQuotaOverflowBuffering: false,
    })
    expect(body).toMatchObject({ executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED' })
    expect(body).not.toHaveProperty('callLogLevel')
  })
})

describe('list', () => {
  beforeAll(async () => {
    for (const day of ['01', '02', '03', '04', '05']) await run('add', { a: 1, b: Number(day) }, { day })
    await run('add', { a: 1 }, { day: '06' })
  })

  async function days(query: string): Promise<unknown[]> {
    const { body } = await cloud.request('GET', `/v1/${parentOf('add')}/executions?view=FULL&${query}`)
    const found = body['executions'] as { labels: Record<string, string> }[]
    return found.map(({ labels }) => labels['day']).filter((day) => day !== undefined)
  }

  it('is newest first', async () => {
    expect(await days('')).toEqual(['06', '05', '04', '03', '02', '01'])
  })

  it.each([
    ['state="FAILED"', ['06']],
    ['state=SUCCEEDED AND labels.day="03"', ['03']],
    ['label.day="03" OR label.day="04"', ['04', '03']],
    ['NOT (labels.day:* AND state="SUCCEEDED") AND labels.day:*', ['06']],
    ['labels.day>"03" state!="FAILED"', ['05', '04']],
    ['startTime<"2020-01-01T00:00:00Z"', []],
    ['duration<10s AND labels.day="01"', ['01']],
  ])('filters by %s', async (filter, expected) => {
    expect(await days(`filter=${encodeURIComponent(filter)}`)).toEqual(expected)
  })

  it('orders', async () => {
    const order = encodeURIComponent('state, createTime desc')
    expect((await days(`orderBy=${order}`)).at(0)).toBe('06')
  })

  it.each(['state=', 'nothing="x"', '(state="A"', 'startTime>"soon"', 'state="A")'])(
    'refuses the filter %s',
    async (filter) => {
      const path = `/v1/${parentOf('add')}/executions?filter=${encodeURIComponent(filter)}`
      expect((await cloud.request('GET', path)).status).toBe(400)
    },
  )

  it('pages through Google’s client', async () => {
    const names = []
    for await (const one of cloud.executions.listExecutionsAsync(
      { parent: parentOf('add'), pageSize: 2 },
      { autoPaginate: false },
    )) {
      names.push(one.name)
    }
    expect(new Set(names).size).toBe(names.length)
    const { body } = await cloud.request('GET', `/v1/${parentOf('add')}/executions?pageSize=1000`)
    expect((body['executions'] as unknown[]).length).toBe(names.length)
    expect((await cloud.request('GET', `/v1/${parentOf('add')}/executions?pageToken=x`)).status).toBe(400)
  })
})

describe('step entries', () => {
  it('has parents, children, neighbours, variables and exceptions', async () => {
    const { name } = await run('fail')
    const { body } = await cloud.request('GET', `/v1/${String(name)}/stepEntries`)
    expect(body['totalSize']).toBe(2)
    expect(body['stepEntries']).toMatchObject([
      {
        name: `${String(name)}/stepEntries/1`,
        entryId: '1',
        routine: 'main',
        step: 'call_it',
        stepType: 'STEP_SUBWORKFLOW_CALL',
        state: 'STATE_FAILED',
        navigationInfo: { children: ['2'] },
      },
      {
        entryId: '2',
        routine: 'inner',
        step: 'boom',
        stepType: 'STEP_RAISE',
        state: 'STATE_FAILED',
        exception: { payload: '{"message":"bad","code":7}' },
        navigationInfo: { parent: '1', children: [] },
      },
    ])
    expect((await cloud.request('GET', `/v1/${String(name)}/stepEntries/2`)).body).toMatchObject({
      step: 'boom',
    })
    expect((await cloud.request('GET', `/v1/${String(name)}/stepEntries/3`)).status).toBe(404)
  })

  it('filters, orders and pages', async () => {
    const { name } = await run('add', { a: 1, b: 2 })
    const steps = async (query: string) => {
      const { body } = await cloud.request('GET', `/v1/${String(name)}/stepEntries?${query}`)
      return (body['stepEntries'] as { step: string }[]).map(({ step }) => step)
    }
    expect(await steps('')).toEqual(['sum', 'done'])
    expect(await steps('skip=1')).toEqual(['done'])
    expect(await steps(`filter=${encodeURIComponent('stepType="STEP_RETURN" AND routine="main"')}`)).toEqual([
      'done',
    ])
    expect(await steps(`orderBy=${encodeURIComponent('entryId desc')}`)).toEqual(['done', 'sum'])
    const first = await cloud.request('GET', `/v1/${String(name)}/stepEntries?pageSize=1`)
    expect(await steps(`pageSize=1&pageToken=${String(first.body['nextPageToken'])}`)).toEqual(['done'])
  })

  it('shows variables with their 64-bit integers', async () => {
    const { body } = await cloud.request('POST', `/v1/${parentOf('add')}/executions`, {
      argument: '{"a": 9007199254740993, "b": 0}',
    })
    await executionEnd(cloud, String(body['name']))
    const text = await (await fetch(`${cloud.emulator.url}/v1/${String(body['name'])}/stepEntries`)).text()
    expect(text).toContain('"s":9007199254740993')
  })

  it('can be deleted', async () => {
    const { name } = await run('add', { a: 1, b: 2 })
    await cloud.request('POST', `/v1/${String(name)}:deleteExecutionHistory`, {})
    expect((await cloud.request('GET', `/v1/${String(name)}/stepEntries`)).body).toMatchObject({
      totalSize: 0,
    })
  })
})

describe('in the same process', () => {
  it('tells followers what happens', async () => {
    const { name } = await run('add', { a: 1, b: 2 })
    const own = events.filter((event) =>
      'entry' in event ? event.execution === name : event.execution.name === name,
    )
    expect(own.map((event) => ('entry' in event ? `${event.kind} ${event.entry.step}` : event.kind))).toEqual(
      [
        'execution_started',
        'step_started sum',
        'step_ended sum',
        'step_started done',
        'step_ended done',
        'execution_ended',
      ],
    )
    expect(own.at(-1)).toMatchObject({ execution: { state: 'SUCCEEDED', result: '3' } })
  })

  it('deletes a workflow with its executions', async () => {
    await deploy('gone', 'main:\n  steps:\n    - done:\n        return: 1\n')
    const { name } = await run('gone')
    const [operation] = await cloud.workflows.deleteWorkflow({ name: parentOf('gone') })
    await operation.promise()
    expect((await cloud.request('GET', `/v1/${String(name)}`)).status).toBe(404)
  })
})
