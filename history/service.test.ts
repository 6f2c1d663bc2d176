import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readLogs } from './logs.ts'
import { listExecutions, readExecution, readStepEntries, type HistorySource } from './service.ts'

interface Seen {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly authorization: string | undefined
  readonly body: unknown
}

/** A service that answers from a script, one answer a request, and keeps what it was asked. */
let answers: { status: number; body: unknown }[] = []
let seen: Seen[] = []
let server: Server
let source: HistorySource

beforeAll(async () => {
  server = createServer((request, response) => {
    void read(request).then((text) => {
      const url = new URL(request.url ?? '', 'http://x')
      seen.push({
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        authorization: request.headers.authorization,
        body: text === '' ? null : JSON.parse(text),
      })
      const { status, body } = answers.shift() ?? { status: 500, body: {} }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  source = { executionsUrl: `http://127.0.0.1:${port}`, token: () => Promise.resolve('secret') }
})

afterAll(() => {
  server.close()
})

beforeEach(() => {
  answers = []
  seen = []
})

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const name = 'projects/p/locations/l/workflows/w/executions/e'
const entry = (entryId: string) => ({
  entryId,
  routine: 'main',
  step: `s${entryId}`,
  createTime: '2026-01-01T00:00:00Z',
})

describe('reading the execution history', () => {
  test('step entries of all pages, in order, signed', async () => {
    answers = [
      { status: 200, body: { stepEntries: [entry('2'), entry('10')], nextPageToken: 'more' } },
      { status: 200, body: { stepEntries: [entry('1')] } },
    ]
    expect((await readStepEntries(source, name)).map(({ entryId }) => entryId)).toEqual([1, 2, 10])
    expect(seen.map(({ path, query, authorization }) => [path, query, authorization])).toEqual([
      [`/v1/${name}/stepEntries`, { pageSize: '1000' }, 'Bearer secret'],
      [`/v1/${name}/stepEntries`, { pageSize: '1000', pageToken: 'more' }, 'Bearer secret'],
    ])
  })

  test('executions up to the limit', async () => {
    const page = {
      executions: Array.from({ length: 100 }, () => ({ name, state: 'SUCCEEDED' })),
      nextPageToken: 'more',
    }
    answers = [
      { status: 200, body: page },
      { status: 200, body: page },
    ]
    expect(await listExecutions(source, 'projects/p/locations/l/workflows/w', 150)).toHaveLength(150)
    expect(seen.map(({ query }) => query['pageSize'])).toEqual(['100', '100'])
  })

  test('without a token no credentials are sent', async () => {
    answers = [{ status: 200, body: { name, state: 'ACTIVE' } }]
    const execution = await readExecution({ ...source, token: () => Promise.resolve(null) }, name)
    expect(execution).toMatchObject({ name, state: 'ACTIVE', labels: {} })
    expect(seen[0]?.authorization).toBeUndefined()
  })

  test("a refusal carries the service's words", async () => {
    answers = [{ status: 403, body: { error: { code: 403, message: 'Permission denied' } } }]
    await expect(readExecution(source, name)).rejects.toThrow(
      expect.objectContaining({ name: 'HistoryError', status: 403, message: 'Permission denied' }),
    )
  })

  test('a service that is not there is named', async () => {
    const closed = createServer()
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done))
    const executionsUrl = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
    await new Promise((done) => closed.close(done))
    await expect(readExecution({ executionsUrl, token: () => Promise.resolve(null) }, name)).rejects.toThrow(
      `cannot reach ${executionsUrl}: connect ECONNREFUSED`,
    )
  })

  test('a body that is no JSON is an error with the status', async () => {
    answers = [{ status: 502, body: 'bad gateway' }]
    await expect(readExecution(source, name)).rejects.toThrow(/answered 502/)
  })
})

const line = (task: string, second: number, run = 'r1') => ({
  timestamp: `2026-01-01T00:00:0${second}Z`,
  severity: 'INFO',
  jsonPayload: { dag: 'shop', run_id: run, task, message: `line ${second}` },
})

describe('reading logs', () => {
  test('by DAG, run and task, all pages', async () => {
    answers = [
      { status: 200, body: { entries: [line('load', 1)], nextPageToken: 'more' } },
      { status: 200, body: { entries: [line('load', 2)] } },
    ]
    const query = { dag: 'shop', runId: 'r1', task: 'load' }
    const entries = await readLogs({ ...source, loggingUrl: source.executionsUrl }, 'p', query)
    expect(entries).toHaveLength(2)
    expect(seen[0]).toMatchObject({
      path: '/v2/entries:list',
      body: {
        resourceNames: ['projects/p'],
        filter: 'jsonPayload.dag="shop" AND jsonPayload.run_id="r1" AND jsonPayload.task="load"',
      },
    })
    expect(seen[1]?.body).toMatchObject({ pageToken: 'more' })
  })

  test('with the last words of containers that broke, which name no run', async () => {
    const at = (second: number) => `2026-03-09T10:00:0${second}Z`
    const failure =
      'Task shop--load-abc12-task0 failed with message: The container exited with an error (exit code 1).'
    const plain = (execution: string, textPayload: string) => ({
      timestamp: at(1),
      textPayload,
      labels: { 'run.googleapis.com/execution_name': execution },
    })
    answers = [
      {
        status: 200,
        body: {
          entries: [{ timestamp: at(2), severity: 'ERROR', jsonPayload: { task: 'load', message: failure } }],
        },
      },
      {
        status: 200,
        body: {
          entries: [
            plain('shop--load-abc12', 'KeyError: price'),
            plain('shop--load-xyz98', 'of another run'),
          ],
        },
      },
    ]
    const entries = await readLogs({ ...source, loggingUrl: source.executionsUrl }, 'p', {
      dag: 'shop',
      runId: 'r1',
    })
    expect(entries.map(({ textPayload, jsonPayload }) => [jsonPayload?.['task'], textPayload])).toEqual([
      ['load', 'KeyError: price'],
      ['load', undefined],
    ])
    expect(seen[1]?.body).toMatchObject({
      filter: 'resource.labels.job_name="shop--load" AND timestamp>="2026-03-08T10:00:02.000Z"',
    })
  })
})
