import { describe, expect, it } from 'vitest'
import type { CloudResponse } from '../cloud/request.ts'
import { connectorNames } from './index.ts'
import { connectorStage, raised, raisedTags } from './testing/stage.ts'

const ok = (json: unknown): CloudResponse => ({ status: 200, body: { json } })
const operation = (more: object = {}) =>
  ok({ name: 'projects/p/locations/l/operations/o', done: false, ...more })
const done = operation({ done: true, response: { succeededCount: 1 } })
const run = 'googleapis.run.v2.projects.locations.jobs.run'
const runArgs = '{"name": "projects/p/locations/l/jobs/j", "body": {"overrides": {}}}'

describe('request', () => {
  it.each([
    [
      'googleapis.storage.v1.objects.get',
      '{"bucket": "b", "object": "a%2Fb", "alt": "media", "generation": 12, "ifGenerationMatch": "7"}',
      'GET /storage/v1/b/b/o/a%2Fb?alt=media&generation=12&ifGenerationMatch=7',
      '',
    ],
    [
      'googleapis.storage.v1.objects.insert',
      '{"bucket": "b", "name": "runs%2Fx%20y%2Flock.json", "ifGenerationMatch": 0, "body": {"execution": "e"}}',
      'POST /upload/storage/v1/b/b/o?name=runs%2Fx+y%2Flock.json&ifGenerationMatch=0&uploadType=media',
      '{"execution":"e"}',
    ],
    [
      'googleapis.storage.v1.objects.insert',
      '{"bucket": "b", "name": "n", "uploadType": "media", "body": "as it stands"}',
      'POST /upload/storage/v1/b/b/o?name=n&uploadType=media',
      'as it stands',
    ],
    [
      'googleapis.storage.v1.objects.copy',
      '{"sourceBucket": "a", "sourceObject": "x%2Fy", "destinationBucket": "b", "destinationObject": "z", "body": {}}',
      'POST /storage/v1/b/a/o/x%2Fy/copyTo/b/b/o/z?',
      '{}',
    ],
    [
      'googleapis.storage.v1.objects.list',
      '{"bucket": "b", "prefix": "a b/ü&", "query": {"delimiter": "/"}, "versions": true}',
      'GET /storage/v1/b/b/o?prefix=a+b%2F%C3%BC%26&delimiter=%2F&versions=true',
      '',
    ],
    [
      'googleapis.bigquery.v2.jobs.query',
      '{"projectId": "p", "body": {"query": "SELECT 1", "maxResults": 9007199254740993}}',
      'POST /bigquery/v2/projects/p/queries?',
      '{"query":"SELECT 1","maxResults":9007199254740993}',
    ],
    [
      'googleapis.bigquery.v2.tables.delete',
      '{"projectId": "p", "datasetId": "d", "tableId": "t$20240101"}',
      'DELETE /bigquery/v2/projects/p/datasets/d/tables/t%2420240101?',
      '',
    ],
    [
      'googleapis.run.v2.projects.locations.jobs.patch',
      '{"name": "projects/p/locations/l/jobs/j", "updateMask": {"fieldPaths": ["a", "b"]}, "connector_params": {"skip_polling": true}, "body": {}}',
      'PATCH /v2/projects/p/locations/l/jobs/j?updateMask=a%2Cb',
      '{}',
    ],
    [
      'googleapis.run.v1.namespaces.jobs.run',
      '{"name": "namespaces/p/jobs/j", "location": "l", "connector_params": {"skip_polling": true}, "body": {}}',
      'POST /apis/run.googleapis.com/v1/namespaces/p/jobs/j:run?location=l',
      '{}',
    ],
    [
      'googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run',
      '{"workflow_id": "w", "argument": {"n": 9007199254740993}, "labels": {"a": "b"}, "connector_params": {"skip_polling": true}}',
      'POST /v1/projects/own-project/locations/us-central1/workflows/w/executions?',
      '{"disableConcurrencyQuotaOverflowBuffering":true,"argument":"{\\"n\\":9007199254740993}","labels":{"a":"b"}}',
    ],
  ])('%s %s', async (name, args, line, body) => {
    const stage = connectorStage([ok({})])
    await stage.call(name, args)
    const [request] = stage.requests
    expect(`${request?.method} ${request?.path}?${request?.query.toString()}`).toBe(line)
    expect(new TextDecoder().decode(request?.body)).toBe(body)
  })

  it.each([
    ['{"bucket": "b"}', 'ValueError'],
    ['{"bucket": 1, "object": "o"}', 'TypeError'],
    ['{"bucket": "b", "object": "o", "connector_params": []}', 'TypeError'],
    ['{"bucket": "b", "object": "o", "connector_params": {"timeout": "x"}}', 'TypeError'],
    ['{"bucket": "b", "object": "o", "connector_params": {"timeout": -1}}', 'ValueError'],
    ['{"bucket": "b", "object": "o", "connector_params": {"timeout": 31536001}}', 'ValueError'],
    ['{"bucket": "b", "object": "o", "connector_params": {"skip_polling": 1}}', 'TypeError'],
    ['{"bucket": "b", "object": "o", "connector_params": {"scopes": [1]}}', 'TypeError'],
  ])('refuses %s with %s', async (args, tag) => {
    const stage = connectorStage([ok({})])
    expect(await raisedTags(stage.call('googleapis.storage.v1.objects.get', args))).toEqual([tag])
    expect(stage.requests).toEqual([])
  })

  it('knows no other names', async () => {
    expect(connectorNames.length).toBeGreaterThan(50)
    await expect(connectorStage([]).call('googleapis.storage.v1.toString', '{}')).rejects.toThrow(
      'no connector',
    )
    await expect(connectorStage([]).call('googleapis.constructor', '{}')).rejects.toThrow('no connector')
  })
})

describe('answer', () => {
  it.each([
    ['application/json', '{"n":9007199254740993,"d":1.5}', '{"n":9007199254740993,"d":1.5}'],
    ['application/json; charset=utf-8', 'not json', '"not json"'],
    ['application/vnd.x+json', '[1]', '[1]'],
    ['text/csv', 'a,b\n', '"a,b\\n"'],
  ])('%s', async (type, text, expected) => {
    const stage = connectorStage([
      { status: 200, headers: { 'Content-Type': type }, body: { bytes: new TextEncoder().encode(text) } },
    ])
    expect(await stage.call('googleapis.storage.v1.objects.get', '{"bucket": "b", "object": "o"}')).toBe(
      expected,
    )
  })

  it('raises HttpError with code, headers and body', async () => {
    const stage = connectorStage([
      { status: 412, body: { json: { error: { code: 412 } } }, headers: { etag: 'x' } },
    ])
    expect(
      JSON.parse(await raised(stage.call('googleapis.storage.v1.buckets.get', '{"bucket": "b"}'))),
    ).toEqual({
      message: 'HTTP server responded with error code 412',
      tags: ['HttpError'],
      code: 412,
      headers: { Etag: 'x', 'Content-Type': 'application/json; charset=UTF-8' },
      body: { error: { code: 412 } },
    })
  })

  it('retries 429 and 503 five times by itself', async () => {
    const busy: CloudResponse = { status: 503, body: { json: { error: {} } } }
    const recovered = connectorStage([busy, { ...busy, status: 429 }, ok({ name: 'b' })])
    expect(await recovered.call('googleapis.storage.v1.buckets.get', '{"bucket": "b"}')).toBe('{"name":"b"}')
    expect(recovered.times).toEqual([0, 1, 2.25])
    const lost = connectorStage([busy])
    expect(
      JSON.parse(await raised(lost.call('googleapis.storage.v1.buckets.get', '{"bucket": "b"}'))),
    ).toMatchObject({
      code: 503,
    })
    expect(lost.requests).toHaveLength(6)
  })
})

describe('long-running operations', () => {
  it('polls with growing delays, each poll a step', async () => {
    const stage = connectorStage([...Array.from({ length: 5 }, () => operation()), done])
    expect(await stage.call(run, runArgs)).toBe('{"succeededCount":1}')
    expect(stage.times).toEqual(
      [0, 1, 2.25, 3.812, 5.765, 8.207].map((time) => expect.closeTo(time, 1) as number),
    )
    expect(stage.steps()).toBe(5)
    expect(stage.requests.map(({ method, path }) => `${method} ${path}`).slice(0, 2)).toEqual([
      'POST /v2/projects/p/locations/l/jobs/j:run',
      'GET /v2/projects/p/locations/l/operations/o',
    ])
  })

  it('takes the polling policy of the call', async () => {
    const args = runArgs.replace(
      /\}$/,
      ', "connector_params": {"polling_policy": {"initial_delay": 10, "multiplier": 2, "max_delay": 15}}}',
    )
    const stage = connectorStage([operation(), operation(), operation(), done])
    await stage.call(run, args)
    expect(stage.times).toEqual([0, 10, 25, 40])
  })

  it('never waits longer than a minute between polls', async () => {
    const stage = connectorStage([...Array.from({ length: 40 }, () => operation()), done])
    await stage.call(run, runArgs)
    const gaps = stage.times.map((time, index) => time - (stage.times[index - 1] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60.01)
  })

  it('does not poll with skip_polling, nor what is done already', async () => {
    const skipped = connectorStage([operation()])
    const args = runArgs.replace(/\}$/, ', "connector_params": {"skip_polling": true}}')
    expect(JSON.parse(await skipped.call(run, args))).toMatchObject({ done: false })
    expect(skipped.requests).toHaveLength(1)
    const finished = connectorStage([done])
    await finished.call(run, runArgs)
    expect(finished.requests).toHaveLength(1)
    expect(finished.steps()).toBe(0)
  })

  it('raises OperationError with the operation', async () => {
    const failed = operation({ done: true, error: { code: 9, message: 'task failed' } })
    const value = JSON.parse(
      await raised(connectorStage([operation(), failed]).call(run, runArgs)),
    ) as unknown
    expect(value).toEqual({
      message: 'task failed',
      tags: ['OperationError'],
      operation: {
        name: 'projects/p/locations/l/operations/o',
        done: true,
        error: { code: 9, message: 'task failed' },
      },
      error: { code: 9, message: 'task failed' },
    })
  })

  it('raises TimeoutError when time is up', async () => {
    const stage = connectorStage([operation()])
    const args = runArgs.replace(/\}$/, ', "connector_params": {"timeout": 100}}')
    expect(await raisedTags(stage.call(run, args))).toEqual(['TimeoutError', 'OSError'])
    expect(stage.clock.now()).toBe(100_000)
  })

  it('raises ResponseTypeError for an answer of another shape', async () => {
    expect(await raisedTags(connectorStage([ok([])]).call(run, runArgs))).toEqual(['ResponseTypeError'])
    expect(await raisedTags(connectorStage([ok({})]).call(run, runArgs))).toEqual(['ResponseTypeError'])
    expect(await raisedTags(connectorStage([operation(), ok('x')]).call(run, runArgs))).toEqual([
      'ResponseTypeError',
    ])
  })

  it('stops when the execution is cancelled', async () => {
    const abort = new AbortController()
    const stage = connectorStage([operation()], { signal: abort.signal })
    const call = stage.call(run, runArgs)
    abort.abort(new Error('cancelled'))
    await expect(call).rejects.toThrow('cancelled')
  })

  it('waits for a BigQuery job in its location', async () => {
    const jobReference = { projectId: 'p', jobId: 'j', location: 'EU' }
    const job = (status: object) => ok({ jobReference, status })
    const args = '{"projectId": "p", "body": {"configuration": {}}}'
    const stage = connectorStage([
      job({ state: 'PENDING' }),
      job({ state: 'RUNNING' }),
      job({ state: 'DONE' }),
    ])
    expect(await stage.call('googleapis.bigquery.v2.jobs.insert', args)).toContain('"state":"DONE"')
    expect(`${stage.requests[1]?.path}?${stage.requests[1]?.query.toString()}`).toBe(
      '/bigquery/v2/projects/p/jobs/j?location=EU',
    )
    const failed = connectorStage([
      job({ state: 'DONE', errorResult: { reason: 'invalidQuery', message: 'bad SQL' } }),
    ])
    expect(JSON.parse(await raised(failed.call('googleapis.bigquery.v2.jobs.insert', args)))).toMatchObject({
      message: 'bad SQL',
      tags: ['OperationError'],
      operation: { status: { errorResult: { reason: 'invalidQuery' } } },
    })
  })

  it('waits for a v1 execution', async () => {
    const execution = (status: string) =>
      ok({
        metadata: { name: 'j-abcde', namespace: 'p' },
        status: { failedCount: 1, conditions: [{ type: 'Completed', status }] },
      })
    const name = 'googleapis.run.v1.namespaces.jobs.run'
    const args = '{"name": "namespaces/p/jobs/j", "location": "l"}'
    const stage = connectorStage([execution('Unknown'), execution('True')])
    expect(await stage.call(name, args)).toContain('"status":"True"')
    expect(`${stage.requests[1]?.path}?${stage.requests[1]?.query.toString()}`).toBe(
      '/apis/run.googleapis.com/v1/namespaces/p/executions/j-abcde?location=l',
    )
    const failed = connectorStage([execution('Unknown'), execution('False')])
    expect(JSON.parse(await raised(failed.call(name, args)))).toMatchObject({
      message: 'Cloud Run long-running operation failed.',
      status: { failedCount: 1 },
    })
  })

  it('waits for a child execution', async () => {
    const prefix = 'googleapis.workflowexecutions.v1.projects.locations.workflows.executions'
    const execution = (more: object) =>
      ok({ name: 'projects/p/locations/l/workflows/w/executions/e', ...more })
    const succeeded = [
      execution({ state: 'ACTIVE' }),
      execution({ state: 'SUCCEEDED', result: '{"n":9007199254740993}' }),
    ]
    const viaRun = connectorStage(succeeded)
    expect(await viaRun.call(`${prefix}.run`, '{"workflow_id": "w"}')).toBe('{"n":9007199254740993}')
    const parent = '{"parent": "projects/p/locations/l/workflows/w", "body": {"argument": "{}"}}'
    expect(JSON.parse(await connectorStage(succeeded).call(`${prefix}.create`, parent))).toMatchObject({
      state: 'SUCCEEDED',
    })
    const failed = connectorStage([execution({ state: 'FAILED', error: { payload: '"boom"' } })])
    expect(JSON.parse(await raised(failed.call(`${prefix}.run`, '{"workflow_id": "w"}')))).toMatchObject({
      message: 'Execution failed or cancelled.',
      tags: ['OperationError'],
      operation: { state: 'FAILED', error: { payload: '"boom"' } },
    })
    const skipped = connectorStage(succeeded)
    expect(
      await skipped.call(`${prefix}.run`, '{"workflow_id": "w", "connector_params": {"skip_polling": true}}'),
    ).toBe('null')
  })
})
