import { afterAll, beforeAll, expect, it } from 'vitest'
import { executionEnd, startTestCloud, type TestCloud } from '../../testing/cloud.ts'

const source = `
main:
  params: [args]
  steps:
    - open:
        call: events.create_callback_endpoint
        args: { http_callback_method: POST }
        result: callback
    - tell:
        call: sys.log
        args: { json: { url: "\${callback.url}" } }
    - wait:
        call: events.await_callback
        args: { callback: "\${callback}", timeout: "\${args.timeout}" }
        result: received
    - wait_again:
        call: events.await_callback
        args: { callback: "\${callback}", timeout: 60 }
        result: second
    - done:
        return: { first: "\${received}", second: "\${second.http_request.body}" }
`

let cloud: TestCloud
const urls: string[] = []
beforeAll(async () => {
  cloud = await startTestCloud({
    onLog: ({ logName, jsonPayload }) => {
      if (logName.endsWith('/Workflows')) urls.push((jsonPayload as { url: string }).url)
    },
  })
  await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=waits`, { sourceContents: source })
})
afterAll(() => cloud.close())

async function start(timeout: number): Promise<{ name: string; url: string }> {
  urls.length = 0
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/waits/executions`, {
    argument: JSON.stringify({ timeout }),
  })
  while (urls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  return { name: String(body['name']), url: urls[0] ?? '' }
}

const post = (url: string, body: string, type = 'application/json') =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': type } })

it('takes one request for each wait, and no more than one ahead', async () => {
  const { name, url } = await start(60)
  expect(url).toMatch(new RegExp(`^${cloud.emulator.url}/v1/${name}/callbacks/[0-9a-f-]+$`))
  expect((await fetch(url)).status).toBe(405)
  expect((await fetch(`${url}x`, { method: 'POST' })).status).toBe(404)
  const { body } = await cloud.request('GET', `/v1/${name}/callbacks`)
  expect(body['callbacks']).toMatchObject([{ method: 'POST' }])
  expect((await post(`${url}?decision=yes`, '{"n": 9007199254740993}')).status).toBe(200)
  // Before the first wait there is room for one request, before the second one this is kept for it.
  let status = 429
  while (status === 429) status = (await post(url, 'plain', 'text/plain')).status
  expect(status).toBe(200)
  const execution = await executionEnd(cloud, name)
  expect(String(execution['result'])).toContain('"n":9007199254740993')
  expect(JSON.parse(String(execution['result']))).toMatchObject({
    first: {
      type: 'HTTP',
      received_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/) as string,
      http_request: {
        url: `${new URL(url).pathname}?decision=yes`,
        method: 'POST',
        headers: { 'Content-Type': ['application/json'] },
        query: { decision: ['yes'] },
      },
    },
    second: 'plain',
  })
  expect((await post(url, '{}')).status).toBe(404)
})

const anyMethod = `
main:
  params: [method]
  steps:
    - before: { assign: [ { tags: [] } ] }
    - open:
        call: events.create_callback_endpoint
        args: { http_callback_method: "\${method}" }
        result: callback
    - tell:
        call: sys.log
        args: { json: { url: "\${callback.url}" } }
    - late:
        try:
          call: events.await_callback
          args: { callback: "\${callback}", timeout: 0 }
        except:
          as: e
          steps:
            - known: { assign: [ { tags: "\${e.tags}" } ] }
    - wait:
        call: events.await_callback
        args: { callback: "\${callback}" }
        result: received
    - done:
        return: { tags: "\${tags}", http_request: "\${received.http_request}", type: "\${received.type}" }
`

it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])(
  'takes %s where the endpoint is for it, also after a wait that ended without one',
  async (method) => {
    urls.length = 0
    await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=any${method}`, {
      sourceContents: anyMethod,
    })
    const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/any${method}/executions`, {
      argument: JSON.stringify(method),
    })
    while (urls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const url = urls[0] ?? ''
    const wrong = method === 'POST' ? 'PUT' : 'POST'
    expect((await fetch(url, { method: wrong })).status).toBe(405)
    expect((await fetch(`${url}?a=1&a=2&b=x%20y`, { method })).status).toBe(200)
    const execution = await executionEnd(cloud, String(body['name']))
    expect(JSON.parse(String(execution['result']))).toMatchObject({
      tags: ['TimeoutError', 'OSError'],
      type: 'HTTP',
      http_request: {
        method,
        body: null,
        query: { a: ['1', '2'], b: ['x y'] },
        url: `${new URL(url).pathname}?a=1&a=2&b=x+y`,
      },
    })
    expect((await fetch(url, { method })).status).toBe(404)
  },
)

it('raises TimeoutError when nobody calls', async () => {
  const { name } = await start(1)
  const execution = await executionEnd(cloud, name)
  expect(execution).toMatchObject({ state: 'FAILED' })
  expect(JSON.stringify(execution['error'])).toContain('TimeoutError')
})

it('is cancelled while it waits', async () => {
  const { name, url } = await start(3600)
  expect((await cloud.request('POST', `/v1/${name}:cancel`, {})).body).toMatchObject({ state: 'CANCELLED' })
  expect((await post(url, '{}')).status).toBe(404)
})
