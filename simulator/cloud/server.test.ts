import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CloudRequest, CloudService } from './request.ts'
import { json } from './routes.ts'
import { createDispatch, listen, type Server } from './server.ts'

const seen: CloudRequest[] = []
const echo: CloudService = {
  name: 'echo',
  handle: (request) => {
    seen.push(request)
    if (request.path === '/throws') return Promise.reject(new Error('inner detail'))
    if (request.path === '/bytes') {
      const bytes = new Uint8Array([0, 255])
      return Promise.resolve({ status: 200, headers: { 'content-type': 'image/png' }, body: { bytes } })
    }
    if (request.path === '/nothing') return Promise.resolve({ status: 204 })
    return Promise.resolve(
      request.path.startsWith('/echo')
        ? json(200, { path: request.path, query: request.query.toString() })
        : null,
    )
  },
  close: () => Promise.resolve(),
}

let server: Server
beforeAll(async () => {
  server = await listen(createDispatch([echo]), { port: 0, maxBodyBytes: 1000 })
})
afterAll(() => server.close())

/** A request whose target and headers go out as given. */
function send(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
      },
      (incoming) => {
        let body = ''
        incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body, headers: incoming.headers }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(options.body)
  })
}

describe('server', () => {
  it('gives services the raw path, the decoded query, lower-case headers and the body', async () => {
    await send('/echo/a%2Fb/../c?x=%20y&x=2', { method: 'POST', headers: { 'X-Up': 'Yes' }, body: 'body' })
    const request = seen.at(-1)
    expect(request).toMatchObject({ method: 'POST', path: '/echo/a%2Fb/../c' })
    expect(request?.query.getAll('x')).toEqual([' y', '2'])
    expect(request?.headers['x-up']).toBe('Yes')
    expect(new TextDecoder().decode(request?.body)).toBe('body')
  })

  it('answers JSON, bytes and nothing', async () => {
    expect((await send('/echo')).headers['content-type']).toBe('application/json; charset=UTF-8')
    expect((await send('/bytes')).headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '2',
    })
    expect(await send('/nothing')).toMatchObject({ status: 204, body: '' })
    expect(await send('/echo', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  })

  it('answers 404 and 500 in Google’s form, without a stack trace', async () => {
    const missing = await send('/unknown')
    expect(missing.status).toBe(404)
    expect(JSON.parse(missing.body)).toEqual({
      error: {
        code: 404,
        message: 'Method not found: GET /unknown',
        status: 'NOT_FOUND',
        errors: [{ message: 'Method not found: GET /unknown', domain: 'global', reason: 'notFound' }],
      },
    })
    const broken = await send('/throws')
    expect(broken.status).toBe(500)
    expect(JSON.parse(broken.body)).toMatchObject({ error: { code: 500, status: 'INTERNAL' } })
    expect(broken.body).not.toContain('.ts')
  })

  it('refuses other hosts and other origins', async () => {
    expect((await send('/echo', { headers: { host: 'example.com' } })).status).toBe(403)
    expect((await send('/echo', { headers: { host: '127.0.0.1.example.com' } })).status).toBe(403)
    expect((await send('/echo', { headers: { host: `localhost:${server.port}` } })).status).toBe(200)
    expect((await send('/echo', { headers: { host: '[::1]:80' } })).status).toBe(200)
    expect((await send('/echo', { headers: { origin: 'https://example.com' } })).status).toBe(403)
    expect((await send('/echo', { headers: { origin: 'http://localhost:3000' } })).status).toBe(200)
  })

  it('refuses long bodies and other methods', async () => {
    expect((await send('/echo', { method: 'POST', body: 'x'.repeat(1000) })).status).toBe(200)
    const long = await send('/echo', { method: 'POST', body: 'x'.repeat(200_000) })
    expect(long.status).toBe(413)
    expect((await send('/other', { method: 'OPTIONS' })).status).toBe(405)
    expect((await send('/echo', { method: 'PURGE' })).status).toBe(405)
  })

  it('understands a client that takes it for a proxy, and doubled slashes', async () => {
    expect((await send('http://run.googleapis.com/echo/x?a=1')).body).toBe('{"path":"/echo/x","query":"a=1"}')
    expect((await send('//echo')).body).toBe('{"path":"/echo","query":""}')
  })

  it('survives what is no HTTP, and clients that leave', async () => {
    for (const bytes of [
      '\0\0\0',
      'GET\r\n\r\n',
      'POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nx',
    ]) {
      const socket = connect(server.port, '127.0.0.1')
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.on('error', () => {})
      socket.write(bytes)
      await new Promise((resolve) => setTimeout(resolve, 20))
      socket.destroy()
    }
    expect((await send('/echo')).status).toBe(200)
  })
})
