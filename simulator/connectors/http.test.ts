import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realClock } from '../clock.ts'
import type { CallContext } from '../engine/host.ts'
import { writeJson } from '../engine/json.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import { createTokens } from '../cloud/identity/tokens.ts'
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
    case '/slow':
      response.writeHead(200, { 'content-type': 'text/plain' }).write('half')
      return
    case '/reset':
      response.destroy()
      return
    case '/gzip':
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync('{"small":true}'))
      return
    case '/bomb':
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(3 * 1024 * 1024)))
      return
    case '/around':
      response.writeHead(302, { location: '/around' }).end()
      return
    case '/elsewhere':
      response
        .writeHead(302, { location: new URL(request.url ?? '', url).searchParams.get('to') ?? '' })
        .end()
      return
    case '/to/301':
    case '/to/302':
    case '/to/303':
    case '/to/307':
    case '/to/308':
      response.writeHead(Number(path.slice(-3)), { location: '/echo?redirected=1' }).end()
      return
    case '/big':
      response.end(Buffer.alloc(3 * 1024 * 1024))
      return
    case '/sent':
      response
        .writeHead(Number(new URL(request.url ?? '', url).searchParams.get('status')), {
          'content-type': new URL(request.url ?? '', url).searchParams.get('type') ?? '',
        })
        .end(new URL(request.url ?? '', url).searchParams.get('text'))
      return
    case '/hex':
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          type: request.headers['content-type'],
          hex: Buffer.concat(chunks).toString('hex'),
        }),
      )
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
  environment: (name) =>
    name === 'GOOGLE_CLOUD_SERVICE_ACCOUNT_NAME' ? 'me@p.iam.gserviceaccount.com' : null,
  currentStep: () => ({ routine: 'main', step: 'call' }),
  countStep: () => {},
  inTurn: (work) => work,
}

const identity = createTokens(() => 'http://127.0.0.1:1')
const dispatched: string[] = []
const http = createHttp({
  origin: 'http://127.0.0.1:1',
  identity,
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

  it.each([
    [5, '5'],
    [1.5, '1.5'],
    [true, 'true'],
    [[], '[]'],
    ['ü', '"ü"'],
  ])('sends %j as JSON', async (body, text) => {
    expect(await echo('POST', { body })).toMatchObject({
      type: 'application/json; charset=utf-8',
      body: text,
    })
  })

  it.each([
    [{}, 'application/octet-stream'],
    [{ 'Content-Type': 'image/png' }, 'image/png'],
    [{ 'content-type': 'application/json' }, 'application/json'],
  ])('sends bytes as they are, with %j', async (headers, type) => {
    const args = new Map<string, RuntimeValue>([
      ['url', `${url}/echo`],
      ['headers', mapFrom(JSON.stringify(headers))],
      ['body', new TextEncoder().encode('by\u00fctes')],
    ])
    const { body } = Object.fromEntries(await http({ method: 'PUT', args }, context)) as { body: RuntimeMap }
    expect([body.get('type'), body.get('body')]).toEqual([type, 'by\u00fctes'])
  })

  it('sends no body and no content type where there is none', async () => {
    const sent = await echo('POST', {})
    expect(sent['body']).toBe('')
    expect(sent).not.toHaveProperty('type')
  })

  it('names only itself where the call names no agent', async () => {
    expect(await echo('GET', {})).toMatchObject({
      agent: 'GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)',
    })
  })

  it('repeats the key of a list, and encodes keys too', async () => {
    expect(await echo('GET', { query: { 'a b': [], c: ['&', 0, false, 2.5], 'd=': true } })).toMatchObject({
      url: '/echo?c=%26&c=0&c=false&c=2.5&d%3D=true',
    })
  })

  it('sends headers and says who it is', async () => {
    expect(await echo('GET', { headers: { 'X-Own': 'x', 'User-Agent': 'mine' } })).toMatchObject({
      own: 'x',
      agent: 'mine GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)',
    })
  })

  it.each([
    ['the address', '/echo', {}, (at: string) => `${at}/echo`],
    ['the address to the letter', '', {}, (at: string) => at],
    ['one with a query as well', '/a b?c=ü', {}, (at: string) => `${at}/a b?c=ü`],
    ['what the call names', '/echo', { audience: 'https://a.run.app' }, () => 'https://a.run.app'],
  ])('shows an ID token of the workflow for %s', async (_name, path, more, audience) => {
    const auth = { type: 'OIDC', ...more }
    const { auth: shown } = await echo('GET', { url: `${url}${path}`, auth, query: { a: 1 } })
    const token = String(shown).replace('Bearer ', '')
    expect(identity.verify(token, (one) => one === audience(url))).toMatchObject({
      kind: 'valid',
      claims: { email: 'me@p.iam.gserviceaccount.com' },
    })
  })

  it.each([
    { type: 'OAuth2' },
    { type: 'OAuth2', scope: 'https://www.googleapis.com/auth/drive' },
    { type: 'OAuth2', scopes: 'a, b' },
    { type: 'OAuth2', scopes: ['a', 'b'] },
  ])('shows an access token for %j', async (auth) => {
    expect(String((await echo('GET', { auth }))['auth'])).toMatch(/^Bearer ya29\./)
  })

  it('encodes a map as its content type says', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const fields = { grant_type: 'a b', n: 1, many: ['x', 'y&'] }
    expect(await echo('POST', { headers: form, body: fields })).toMatchObject({
      body: 'grant_type=a+b&n=1&many=x&many=y%26',
    })
    const json = { 'Content-Type': 'application/vnd.api+json' }
    expect(await echo('PATCH', { headers: json, body: 'text' })).toMatchObject({ body: '"text"' })
  })

  it('sends bytes as they are, and none within JSON', async () => {
    const bytes = new Uint8Array([0, 255, 128])
    const post = (body: RuntimeValue, more: readonly [string, RuntimeValue][] = []) =>
      http({ method: 'POST', args: new Map([['url', `${url}/hex`], ['body', body], ...more]) }, context)
    const typed = new Map([['content-type', 'image/png']])
    const bodies = [await post(bytes), await post(bytes, [['headers', typed]])].map((answer) =>
      writeJson(answer.get('body') ?? null),
    )
    expect(bodies).toEqual([
      '{"type":"application/octet-stream","hex":"00ff80"}',
      '{"type":"image/png","hex":"00ff80"}',
    ])
    expect(await raisedTags(post(new Map([['a', bytes]])))).toEqual(['TypeError'])
  })

  it('leaves the query of the address as it is written', async () => {
    expect(await echo('GET', { url: `${url}/echo?flag&sig=a%2Fb%20c`, query: { d: '/' } })).toMatchObject({
      url: '/echo?flag&sig=a%2Fb%20c&d=%2F',
    })
  })

  it('sends a body with any method', async () => {
    expect(await echo('GET', { body: { a: 1 } })).toMatchObject({ method: 'GET', body: '{"a":1}' })
    expect(await echo('DELETE', { body: [1] })).toMatchObject({ method: 'DELETE', body: '[1]' })
    expect(await echo('purge', {})).toMatchObject({ method: 'PURGE', body: '' })
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
    [{ url: 'http://x', headers: { a: null } }, 'TypeError'],
    [{ url: 'http://x', query: { a: [[1]] } }, 'TypeError'],
    [{ url: 'http://x', private_service_name: 'mine' }, 'ValueError'],
    [
      { url: 'http://x:8080', private_service_name: 'projects/p/locations/l/namespaces/n/services/s' },
      'ValueError',
    ],
    [{ url: 'http://x', auth: 'OIDC' }, 'TypeError'],
    [{ url: 'http://x', auth: { type: 'Basic' } }, 'AuthError'],
    [{ url: 'http://x', auth: { type: 'OIDC', audience: 1 } }, 'TypeError'],
    [{ url: 'http://x', auth: { type: 'OAuth2', scopes: [1] } }, 'TypeError'],
  ])('refuses %j with %s', async (args, tag) => {
    expect(await raisedTags(call('GET', args))).toEqual([tag])
  })
})

describe('response', () => {
  it('has code, headers and body', async () => {
    const response = await call('GET', { url: `${url}/bytes` })
    expect(response.get('code')).toBe(200n)
    expect((response.get('headers') as ReadonlyMap<string, unknown>).get('Content-Type')).toBe('image/png')
    expect([...(response.get('body') as Uint8Array)]).toEqual([1, 2, 255])
    expect([...(response.get('headers') as ReadonlyMap<string, unknown>).keys()]).toEqual([
      'Content-Type',
      'Date',
    ])
    const empty = await call('GET', { url: `${url}/empty` })
    expect([empty.get('code'), empty.get('body')]).toEqual([204n, null])
  })

  it.each([
    ['application/json', '{"a": [1, 2.5]}', '{"a":[1,2.5]}'],
    ['application/json; charset=utf-8', '9007199254740993', '9007199254740993'],
    ['application/problem+json', '"x"', '"x"'],
    ['application/json', '', 'null'],
    ['text/plain', '{"a": 1}', '"{\\"a\\": 1}"'],
    ['text/html; charset=utf-8', '<p>ü', '"<p>ü"'],
  ])('decodes %s', async (type, text, expected) => {
    const response = await call('GET', { url: `${url}/sent`, query: { status: 200, type, text } })
    expect(writeJson(response.get('body') ?? null)).toBe(expected)
  })

  it.each(['application/octet-stream', 'application/xml', 'image/svg+xml'])(
    'gives %s as bytes',
    async (type) => {
      const response = await call('GET', { url: `${url}/sent`, query: { status: 201, type, text: 'x' } })
      expect([response.get('code'), response.get('body')]).toEqual([201n, new Uint8Array([120])])
    },
  )

  it.each([
    [399, null],
    [400, 'HttpError'],
    [500, 'HttpError'],
    [599, 'HttpError'],
  ])('of status %i raises %s', async (status, tag) => {
    const pending = call('GET', { url: `${url}/sent`, query: { status, type: 'text/plain', text: 'x' } })
    if (tag === null) expect((await pending).get('code')).toBe(BigInt(status))
    else {
      expect(JSON.parse(await raised(pending))).toMatchObject({
        tags: [tag],
        code: status,
        message: `HTTP server responded with error code ${status}`,
        headers: { 'Content-Type': 'text/plain' },
        body: 'x',
      })
    }
  })

  it('raises HttpError from 400 on', async () => {
    expect(JSON.parse(await raised(call('GET', { url: `${url}/teapot` })))).toMatchObject({
      tags: ['HttpError'],
      code: 418,
      body: { short: true },
    })
  })

  it.each([
    ['/hang', { timeout: 0.1 }, ['TimeoutError', 'OSError']],
    ['/slow', { timeout: 0.1 }, ['TimeoutError', 'OSError']],
    ['/break', {}, ['ConnectionError']],
    ['/reset', {}, ['ConnectionError']],
    ['/big', {}, ['ResourceLimitError']],
    ['/bomb', {}, ['ResourceLimitError']],
    ['/around', {}, ['ConnectionError']],
  ])('%s', async (path, args, tags) => {
    expect(await raisedTags(call('GET', { url: `${url}${path}`, ...args }))).toEqual(tags)
  })

  it('takes a compressed body apart', async () => {
    const response = await call('GET', { url: `${url}/gzip` })
    expect(writeJson(response.get('body') ?? null)).toBe('{"small":true}')
    expect([...(response.get('headers') as ReadonlyMap<string, unknown>).keys()]).not.toContain(
      'Content-Encoding',
    )
  })

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'PUT', 'GET', ''],
    [303, 'DELETE', 'GET', ''],
    [307, 'POST', 'POST', '"x"'],
    [308, 'PATCH', 'PATCH', '"x"'],
  ])('after %i a %s goes on as %s', async (status, method, next, body) => {
    const answer = await echo(method, { url: `${url}/to/${status}`, body: 'x', auth: { type: 'OAuth2' } })
    expect(answer).toMatchObject({ method: next, body, url: '/echo?redirected=1' })
    expect(answer['auth']).toMatch(/^Bearer/)
  })

  it('keeps credentials from the host that a redirect names', async () => {
    const { port } = new URL(url)
    const elsewhere = await call('GET', {
      url: `${url}/elsewhere`,
      query: { to: `http://localhost:${port}/echo` },
      auth: { type: 'OAuth2' },
    })
    expect((elsewhere.get('body') as ReadonlyMap<string, unknown>).get('url')).toBe('/echo')
    expect((elsewhere.get('body') as ReadonlyMap<string, unknown>).has('auth')).toBe(false)
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
