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
    onLog: ({ jsonPayload }) => urls.push((jsonPayload as { url: string }).url),
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
      http_request: {
        method: 'POST',
        headers: { 'Content-Type': ['application/json'] },
        query: { decision: ['yes'] },
      },
    },
    second: 'plain',
  })
  expect((await post(url, '{}')).status).toBe(404)
})

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
