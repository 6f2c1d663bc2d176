import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executionEnd, startTestCloud, type TestCloud } from '../../../testing/cloud.ts'

/** A service that tells what came. */
const program = `
require('node:http').createServer((request, response) => {
  if (request.url === '/die') process.exit(3)
  if (request.url === '/hang') return
  console.log(JSON.stringify({ severity: 'INFO', message: request.url }))
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
    url: request.url, method: request.method, host: request.headers.host, pid: process.pid,
    service: process.env.K_SERVICE, revision: process.env.K_REVISION, own: process.env.OWN,
    authorization: request.headers.authorization,
  }))
}).listen(Number(process.env.PORT), '127.0.0.1')`

const source = `
main:
  params: [args]
  steps:
    - call_it:
        try:
          call: http.request
          args:
            method: GET
            url: \${args.url}
            headers: \${map.get(args, "headers")}
            auth: \${map.get(args, "auth")}
          result: answer
        except:
          as: e
          steps:
            - give: { return: "\${e}" }
    - done: { return: "\${answer}" }
`

let cloud: TestCloud
let own: Server
const logged: unknown[] = []
beforeAll(async () => {
  own = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`own ${request.url}`)
  }).listen(0, '127.0.0.1')
  await once(own, 'listening')
  const url = `http://127.0.0.1:${(own.address() as AddressInfo).port}/base`
  cloud = await startTestCloud({
    onLog: ({ jsonPayload }) => logged.push(jsonPayload),
    services: {
      'https://own.example': { kind: 'url', url, audiences: ['mine'] },
      'https://open.example': { kind: 'command', command: [process.execPath, '-e', program], public: true },
      'https://broken.example': {
        kind: 'command',
        command: [process.execPath, '-e', 'process.exit(4)'],
        public: true,
      },
    },
  })
  await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=calls`, { sourceContents: source })
})
afterAll(async () => {
  await cloud.close()
  own.close()
})

const service = (more: object = {}) => ({
  template: { containers: [{ image: 'script', args: [program], env: [{ name: 'OWN', value: 'x' }] }] },
  ...more,
})

async function deploy(id: string, more?: object): Promise<string> {
  const { body } = await cloud.request('POST', `/v2/${cloud.parent}/services?serviceId=${id}`, service(more))
  return String((body['response'] as Record<string, unknown>)['uri'])
}

/** The response or the error map of `http.request`. */
async function call(args: object): Promise<Record<string, unknown>> {
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/calls/executions`, {
    argument: JSON.stringify(args),
  })
  const execution = await executionEnd(cloud, String(body['name']))
  return JSON.parse(String(execution['result'])) as Record<string, unknown>
}

describe('a deployed service', () => {
  let uri = ''
  beforeAll(async () => {
    uri = await deploy('hello', { customAudiences: ['https://hello.example'] })
  })

  it('has an address that can be told before', () => {
    expect(uri).toMatch(/^https:\/\/hello-\d{12}\.us-central1\.run\.app$/)
  })

  it('answers who shows its token', async () => {
    const answer = await call({ url: `${uri}/a/b?c=1`, auth: { type: 'OIDC' } })
    expect(answer).toMatchObject({
      code: 200,
      body: { url: '/a/b?c=1', method: 'GET', host: new URL(uri).host, service: 'hello', own: 'x' },
    })
    const { authorization } = answer['body'] as Record<string, string>
    const [, claims = '', signature] = String(authorization).split('.')
    expect(signature).toBe('SIGNATURE_REMOVED_BY_GOOGLE')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: cloud.emulator.url,
      email: expect.stringMatching(/-compute@developer\.gserviceaccount\.com$/) as string,
    })
    expect(logged).toContainEqual({ message: '/a/b?c=1' })
  })

  it.each([
    ['its root', (at: string) => at],
    ['a longer address of its own', (at: string) => `${at}/other`],
    ['a custom audience', () => 'https://hello.example'],
  ])('takes a token for %s', async (_name, audience) => {
    expect((await call({ url: uri, auth: { type: 'OIDC', audience: audience(uri) } }))['code']).toBe(200)
  })

  it.each([
    ['without a token', {}, 403],
    ['with an access token', { auth: { type: 'OAuth2' } }, 401],
    ['with a token for another', { auth: { type: 'OIDC', audience: 'https://other.example' } }, 401],
    ['with a token of its own making', { headers: { Authorization: 'Bearer a.b.c' } }, 401],
    ['with other credentials', { headers: { Authorization: 'Basic abc' } }, 401],
  ])('refuses a call %s', async (_name, more, code) => {
    const answer = await call({ url: uri, ...more })
    expect(answer).toMatchObject({
      tags: ['HttpError'],
      code,
      headers: { 'Content-Type': 'text/html; charset=UTF-8' },
      body: expect.stringContaining(code === 403 ? 'Forbidden' : 'Unauthorized') as string,
    })
    const challenge = (answer['headers'] as Record<string, string>)['Www-Authenticate']
    expect(challenge === undefined).toBe(code === 403)
  })

  it('keeps one process, starts another after it died, and a new one for each revision', async () => {
    const pid = async () =>
      ((await call({ url: uri, auth: { type: 'OIDC' } }))['body'] as Record<string, unknown>)['pid']
    const first = await pid()
    expect(await pid()).toBe(first)
    expect(await call({ url: `${uri}/die`, auth: { type: 'OIDC' } })).toMatchObject({ code: 503 })
    const second = await pid()
    expect(second).not.toBe(first)
    await cloud.request('PATCH', `/v2/${cloud.parent}/services/hello`, service())
    const answer = await call({ url: uri, auth: { type: 'OIDC' } })
    expect(answer).toMatchObject({ body: { revision: 'hello-00002-dag' } })
  })

  it('answers 504 when it takes too long', async () => {
    const slow = await deploy('slow', {
      template: { containers: [{ image: 'script', args: [program] }], timeout: '1s' },
      invokerIamDisabled: true,
    })
    expect(await call({ url: `${slow}/hang` })).toMatchObject({ code: 504 })
  })

  it('goes with its address', async () => {
    const gone = await deploy('gone', { invokerIamDisabled: true })
    expect(await call({ url: gone })).toMatchObject({ code: 200 })
    const path = `/v2/${cloud.parent}/services/gone`
    expect((await cloud.request('DELETE', path)).body).toMatchObject({ done: true })
    expect((await cloud.request('GET', path)).status).toBe(404)
    const { body } = await cloud.request('GET', `/v2/${cloud.parent}/services`)
    expect((body['services'] as { name: string }[]).map(({ name }) => name.split('/').at(-1))).not.toContain(
      'gone',
    )
  })

  it.each([
    ['x', { template: { containers: [] } }, 400],
    ['X', service(), 400],
    ['hello', service(), 409],
    ['x', service({ nonsense: 1 }), 400],
    ['x', { template: { containers: [{ image: 'script' }], timeout: '3601s' } }, 400],
  ])('is not created: %s %j', async (id, body, status) => {
    const answer = await cloud.request('POST', `/v2/${cloud.parent}/services?serviceId=${id}`, body)
    expect(answer.status).toBe(status)
  })
})

describe('an address that the project maps', () => {
  it('goes to a server that runs already', async () => {
    const auth = { type: 'OIDC', audience: 'mine' }
    expect(await call({ url: 'https://own.example/x?y=1', auth })).toMatchObject({ body: 'own /base/x?y=1' })
    expect(await call({ url: 'https://own.example/x' })).toMatchObject({ code: 403 })
  })

  it('goes to a command, for everybody where it is public', async () => {
    expect(await call({ url: 'https://open.example/x' })).toMatchObject({
      body: { url: '/x', service: 'open' },
    })
  })

  it('says why its command does not serve', async () => {
    expect(await call({ url: 'https://broken.example/' })).toMatchObject({
      code: 503,
      body: expect.stringContaining('exit code 4') as string,
    })
  })
})

it('tells everybody the keys of its tokens', async () => {
  const { body } = await cloud.request('GET', '/.well-known/openid-configuration')
  expect(body).toMatchObject({ issuer: cloud.emulator.url })
  const keys = await cloud.request('GET', String(body['jwks_uri']).replace(cloud.emulator.url, ''))
  expect(keys.body).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig' }] })
})
