import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executionEnd, startTestCloud, type TestCloud } from '../../testing/cloud.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ executionQuota: { concurrent: 1, backlog: 2 } })
  const sourceContents =
    'main:\n  steps:\n    - nap:\n        call: sys.sleep\n        args: {seconds: 600}\n    - done:\n        return: 1\n'
  await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=nap`, { sourceContents })
})
afterAll(() => cloud.close())

const create = (body: object = {}) =>
  cloud.request('POST', `/v1/${cloud.parent}/workflows/nap/executions`, body)
const get = async (name: unknown) => (await cloud.request('GET', `/v1/${String(name)}`)).body
const cancel = (name: unknown) => cloud.request('POST', `/v1/${String(name)}:cancel`, {})

describe('above the quota of concurrent executions', () => {
  it('executions wait in turn, then are refused', async () => {
    const first = (await create()).body
    expect(first).toMatchObject({ state: 'ACTIVE' })
    const second = (await create()).body
    const third = (await create()).body
    expect(second).toMatchObject({ state: 'QUEUED', createTime: expect.any(String) as string })
    expect(second).not.toHaveProperty('startTime')
    const refusal = { status: 429, body: { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } } }
    expect(await create()).toMatchObject(refusal)

    expect((await cancel(second['name'])).body).toMatchObject({ state: 'CANCELLED', duration: '0s' })
    expect(await create({ disableConcurrencyQuotaOverflowBuffering: true })).toMatchObject(refusal)
    expect(await get(third['name'])).toMatchObject({ state: 'QUEUED' })
    await cancel(first['name'])
    expect(await get(third['name'])).toMatchObject({
      state: 'ACTIVE',
      startTime: expect.any(String) as string,
    })
    await cancel(third['name'])
    expect(await executionEnd(cloud, String(third['name']))).toMatchObject({ state: 'CANCELLED' })
  })
})
