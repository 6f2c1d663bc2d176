import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realClock } from '../clock.ts'
import type { CallContext } from '../engine/host.ts'
import { writeJson } from '../engine/json.ts'
import { createHttp } from './index.ts'
import { mapFrom, raised, raisedTags } from './testing/stage.ts'

let server: Server
let url = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    void answer(request, response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** `/echo` tells what came; other paths misbehave as they are called. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const path = (request.url ?? '').split('?')[0]
  switch (path) {
    case '/hang':
      return
    case '/break':
      response.writeHead(200, { 'content-length': '100', 'content-type': 'text/plain' })
      response.write('half')
      setTimeout(() => response.destroy(), 20)
      return
    case '/big':
      response.end(Buffer.alloc(3 * 1024 * 1024))
      return
    case '/bytes':
      response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([1, 2, 255]))
      return
    case '/teapot':
      response.writeHead(418, { 'content-type': 'application/json' }).end('{"short":true}')
      return
    case '/empty':
      response.writeHead(204).end()
      return
    default:
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          method: request.method,
          url: request.url,
          agent: request.headers['user-agent'],
          type: request.headers['content-type'],
          auth: request.headers.authorization,
          own: request.headers['x-own'],
          body: Buffer.concat(chunks).toString(),
        }),
      )
  }
}

const context: CallContext = {
  clock: realClock(),
  signal: new AbortController().signal,
  environment: () => null,
  countStep: () => {},
}

const dispatched: string[] = []
const http = createHttp({
  origin: 'http://127.0.0.1:1',
  dispatch: (request) => {
    dispatched.push(`${request.method} ${request.path}?${request.query.toString()}`)
    return Promise.resolve({ status: 200, body: { json: { local: true } } })
  },
})

const call = (method: string, args: object) => http({ method, args: mapFrom(JSON.stringify(args)) }, context)
async function echo(method: string, args: object): Promise<Record<string, unknown>> {
  const response = await call(method, { url: `${url}/echo`, ...args })
  return JSON.parse(writeJson(response.get('body') ?? null)) as Record<string, unknown>
}

describe('request', () => {
  it('appends the query', async () => {
    expect(
      await echo('GET', { url: `${url}/echo?a=1`, query: { b: 'ü &', c: [1, true], d: 1.5 } }),
    ).toMatchObject({
      method: 'GET',
      url: '/echo?a=1&b=%C3%BC+%26&c=1&c=true&d=1.5',
    })
  })

  it('sends JSON unless told otherwise', async () => {
    expect(await echo('POST', { body: { a: [1] } })).toMatchObject({
      type: 'application/json; charset=utf-8',
      body: '{"a":[1]}',
    })
    expect(await echo('PUT', { body: 'text' })).toMatchObject({ body: '"text"' })
    expect(
      await echo('POST', {
        body: 'a=1&b=2',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      }),
    ).toMatchObject({ body: 'a=1&b=2', type: 'application/x-www-form-urlencoded' })
  })

  it('sends headers and says who it is', async () => {
    expect(await echo('GET', { headers: { 'X-Own': 'x', 'User-Agent': 'mine' } })).toMatchObject({
      own: 'x',
      agent: 'mine GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)',
    })
  })

  it('makes tokens that are worth nothing elsewhere', async () => {
    const { auth } = await echo('GET', { auth: { type: 'OIDC' } })
    const [, claims = '', signature] = String(auth).replace('Bearer ', '').split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: `${url}/echo` })
    expect(signature).toBe('')
    expect(await raisedTags(call('GET', { url, auth: { type: 'Basic' } }))).toEqual(['AuthError'])
  })

  it('keeps requests to Google’s APIs on this machine', async () => {
    const response = await call('GET', {
      url: 'https://europe-west1-run.googleapis.com/v2/projects/p/locations/l/jobs?pageSize=1',
      auth: { type: 'OAuth2' },
    })
    expect(writeJson(response.get('body') ?? null)).toBe('{"local":true}')
    expect(dispatched).toEqual(['GET /v2/projects/p/locations/l/jobs?pageSize=1'])
  })

  it.each([
    [{ url: 1 }, 'TypeError'],
    [{ url: 'ftp://x' }, 'ValueError'],
    [{ url: 'not a url' }, 'ValueError'],
    [{ url: 'http://x', timeout: '1' }, 'TypeError'],
    [{ url: 'http://x', timeout: 0 }, 'ValueError'],
    [{ url: 'http://x', timeout: 1801 }, 'ValueError'],
    [{ url: 'http://x', query: [] }, 'TypeError'],
    [{ url: 'http://x', query: { a: {} } }, 'TypeError'],
    [{ url: 'http://x', headers: { 'a b': 'c' } }, 'ValueError'],
    [{ url: 'http://x', headers: { a: 'b\nc' } }, 'ValueError'],
  ])('refuses %j with %s', async (args, tag) => {
    expect(await raisedTags(call('GET', args))).toEqual([tag])
  })
})

describe('response', () => {
  it('has code, headers and body', async () => {
    const response = await call('GET', { url: `${url}/bytes` })
    expect(response.get('code')).toBe(200n)
    expect((response.get('headers') as ReadonlyMap<string, unknown>).get('content-type')).toBe('image/png')
    expect([...(response.get('body') as Uint8Array)]).toEqual([1, 2, 255])
    expect((await call('GET', { url: `${url}/empty` })).get('code')).toBe(204n)
  })

  it('raises HttpError from 400 on', async () => {
    expect(JSON.parse(await raised(call('GET', { url: `${url}/teapot` })))).toMatchObject({
      tags: ['HttpError'],
      code: 418,
      body: { short: true },
    })
  })

  it.each([
    ['/hang', { timeout: 0.1 }, 'TimeoutError'],
    ['/break', {}, 'ConnectionError'],
    ['/big', {}, 'ResourceLimitError'],
  ])('%s', async (path, args, tag) => {
    expect(await raisedTags(call('GET', { url: `${url}${path}`, ...args }))).toEqual([tag])
  })

  it('raises ConnectionFailedError where nobody listens', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => closed.once('listening', resolve))
    const { port } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))
    expect(await raisedTags(call('GET', { url: `http://127.0.0.1:${port}/` }))).toEqual([
      'ConnectionFailedError',
    ])
  })

  it('stops when the execution is cancelled', async () => {
    const abort = new AbortController()
    const cancelled = { ...context, signal: abort.signal }
    const pending = http({ method: 'GET', args: mapFrom(JSON.stringify({ url: `${url}/hang` })) }, cancelled)
    setTimeout(() => abort.abort(new Error('cancelled')), 50)
    await expect(pending).rejects.toThrow('cancelled')
  })
})
