import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokens } from '../cloud/identity/tokens.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import { createHttp } from './index.ts'
import { certificates, type Certificate } from './testing/certificates.ts'
import { connectorStage, raised } from './testing/stage.ts'

const { authority, server: own } = certificates('Test authority', ['127.0.0.1', 'localhost'])
const another = certificates('Another test authority', ['elsewhere.example'])

const servers: Server[] = []
let port = 0
let elsewhere = 0
const paths: string[] = []
beforeAll(async () => {
  port = await serve(own)
  elsewhere = await serve(another.server)
})
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve({ pem, key }: Certificate): Promise<number> {
  const server = createServer({ cert: pem, key }, (request, response) => {
    paths.push(request.url ?? '')
    if (request.url === '/break') {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
      return
    }
    response.writeHead(200, { 'content-type': 'text/plain' }).end('over TLS')
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const http = createHttp({
  dispatch: () => Promise.reject(new Error('nothing goes to the local cloud')),
  origin: 'http://local',
  identity: createTokens(() => 'http://local'),
})

function get(host: string, certificate?: RuntimeValue, path = '/', at = port): Promise<RuntimeMap> {
  const args = new Map<string, RuntimeValue>([['url', `https://${host}:${at}${path}`]])
  if (certificate !== undefined) args.set('ca_certificate', certificate)
  return http({ method: 'GET', args }, connectorStage([]).context)
}

async function problem(call: Promise<RuntimeMap>): Promise<readonly [readonly string[], string]> {
  const { tags, message } = JSON.parse(await raised(call)) as { tags: readonly string[]; message: string }
  return [tags, message]
}

describe('ca_certificate', () => {
  it.each(['127.0.0.1', 'localhost'])('of the authority of %s lets it be called', async (host) => {
    const response = await get(host, authority.der)
    expect([response.get('code'), response.get('body')]).toEqual([200n, 'over TLS'])
  })

  it('of another authority, or none, leaves the request unsent', async () => {
    paths.length = 0
    for (const certificate of [another.authority.der, another.server.der, undefined]) {
      const [tags, message] = await problem(get('127.0.0.1', certificate))
      expect(tags).toEqual(['ConnectionFailedError'])
      expect(message).toMatch(`cannot connect to 127.0.0.1:${port}: `)
    }
    expect(paths).toEqual([])
  })

  it('vouches for the names in the certificate alone', async () => {
    const [tags, message] = await problem(get('127.0.0.1', another.authority.der, '/', elsewhere))
    expect(tags).toEqual(['ConnectionFailedError'])
    expect(message).toContain('127.0.0.1 is not in the cert')
  })

  it('does not save a connection that breaks later', async () => {
    expect((await problem(get('127.0.0.1', authority.der, '/break')))[0]).toEqual(['ConnectionError'])
  })

  it.each([
    ['text', authority.pem],
    ['bytes of PEM', new TextEncoder().encode(authority.pem)],
    ['other bytes', new Uint8Array([1, 2, 3])],
    ['more bytes than a certificate', new Uint8Array([...authority.der, 0])],
    ['a map', new Map<string, RuntimeValue>()],
  ])('is refused as %s', async (_name, certificate) => {
    expect((await problem(get('127.0.0.1', certificate)))[0]).toEqual(['ValueError'])
  })
})
