import { expect, test } from 'vitest'
import { virtualClock } from '../clock.ts'
import { executionEnd, startTestCloud } from '../testing/cloud.ts'

/** Branches that sleep, write, wait for one another by callback, fail and retry; ids, times and text of all kinds. */
const SOURCE = `
main:
  params: [args]
  steps:
    - begin: {assign: [{seen: []}, {id: '\${uuid.generate()}'}, {url: null}]}
    - work:
        parallel:
          shared: [seen, url]
          branches:
            - waits:
                steps:
                  - open: {call: events.create_callback_endpoint, args: {http_callback_method: POST}, result: callback}
                  - publish: {assign: [{url: '\${callback.url}'}]}
                  - wait: {call: events.await_callback, args: {callback: '\${callback}', timeout: 60}, result: got}
                  - keep: {assign: [{seen: '\${list.concat(seen, got.http_request.body)}'}]}
            - wakes:
                steps:
                  - nap: {call: sys.sleep, args: {seconds: 5}}
                  - wake: {call: http.post, args: {url: '\${url}', body: {from: sibling}}}
            - counts:
                steps:
                  - each:
                      parallel:
                        shared: [seen]
                        for:
                          value: v
                          range: [1, 9]
                          steps: [{add: {assign: [{seen: '\${list.concat(seen, v)}'}]}}]
            - fails:
                steps:
                  - tried:
                      try: {raise: {code: 503, message: no, tags: [HttpError]}}
                      retry: '\${http.default_retry}'
                      except: {as: e, steps: [{log: {call: sys.log, args: {text: '\${e.message}'}}}]}
    - give: {return: {seen: '\${seen}', id: '\${id}', now: '\${sys.now()}', execution: '\${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}'}}
`

/** Everything that clients can see of two executions, as it was sent. */
async function session(
  seed: number,
  port: number,
): Promise<{ readonly text: string; readonly port: number }> {
  const cloud = await startTestCloud({ seed, port, clock: virtualClock(Date.UTC(2026, 0, 1)) })
  try {
    const texts: string[] = []
    const workflows = `/v1/${cloud.parent}/workflows`
    const send = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
      const response = await cloud.request(method, path, body)
      texts.push(JSON.stringify(response))
      return response.body
    }
    await send('POST', `${workflows}?workflowId=all`, {
      sourceContents: SOURCE,
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
    })
    for (const argument of ['1', '2']) {
      const { name } = await send('POST', `${workflows}/all/executions`, { argument })
      expect(await executionEnd(cloud, String(name))).toMatchObject({ state: 'SUCCEEDED' })
      await send('GET', `/v1/${String(name)}`)
      await send('GET', `/v1/${String(name)}/stepEntries`)
    }
    await send('GET', `${workflows}/all/executions`)
    await send('GET', `${workflows}/all`)
    await send('POST', '/v2/entries:list', { resourceNames: ['projects/test-project'] })
    return { text: texts.join('\n'), port: cloud.emulator.port }
  } finally {
    await cloud.close()
  }
}

function differences(left: string, right: string): readonly string[] {
  const others = right.split('\n')
  return left.split('\n').filter((line, index) => line !== others[index])
}

test('the same seed and requests give the same answers byte for byte; another seed other ids and another order', async () => {
  const first = await session(7, 0)
  // Callbacks name the port.
  const second = await session(7, first.port)
  const third = await session(8, first.port)
  // Compared before they are shown: the difference alone tells what went wrong.
  expect(differences(first.text, second.text)).toEqual([])
  expect(first.text).toContain('"from":"sibling"')
  const [ids, others] = [first.text, third.text].map(
    (text) => new Set(text.match(/executions\/[0-9a-f-]{36}/g)),
  )
  expect(ids?.size).toBe(2)
  expect([...(others ?? [])].filter((id) => ids?.has(id))).toEqual([])
  const order = (text: string) => /"seen\\*":\[[\d,]+\]/g.exec(text)?.[0]
  expect(order(third.text)).not.toBe(order(first.text))
})
