import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executionEnd, startTestCloud, testPlace, type TestCloud } from '../testing/cloud.ts'

/** The requests that `gcloud workflows` sends, as recorded from gcloud 528, so that the tests need no gcloud. */
let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(() => cloud.close())

const base = `/v1/projects/${testPlace.project}/locations/${testPlace.location}`
const source = 'main:\n  params: [args]\n  steps:\n    - done:\n        return: ${args.n}\n'

async function gcloud(method: string, path: string, body?: unknown) {
  const response = await fetch(`${cloud.emulator.url}${path}`, {
    method,
    headers: {
      accept: 'application/json',
      'user-agent': 'google-cloud-sdk gcloud/528.0.0 command/gcloud.workflows.deploy',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** What both `deploy` forms do after their POST or PATCH. */
async function waitFor(operation: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { status, body } = await gcloud('GET', `/v1/${String(operation['name'])}?alt=json`)
  expect(status).toBe(200)
  expect(body['done']).toBe(true)
  return body
}

describe('gcloud workflows', () => {
  it('deploy of a new workflow', async () => {
    expect((await gcloud('GET', `${base}/workflows/g?alt=json`)).body).toMatchObject({
      error: { code: 404, status: 'NOT_FOUND' },
    })
    const { body: operation } = await gcloud('POST', `${base}/workflows?alt=json&workflowId=g`, {
      sourceContents: source,
      labels: {},
      serviceAccount: 'projects/-/serviceAccounts/sa@test-project.iam.gserviceaccount.com',
      userEnvVars: {},
      callLogLevel: 'LOG_ALL_CALLS',
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
    })
    await waitFor(operation)
    expect((await gcloud('GET', `${base}/workflows/g?alt=json`)).body).toMatchObject({
      state: 'ACTIVE',
      serviceAccount: 'projects/test-project/serviceAccounts/sa@test-project.iam.gserviceaccount.com',
      callLogLevel: 'LOG_ALL_CALLS',
    })
  })

  it('deploy of an existing workflow', async () => {
    const mask = 'description%2CsourceContents%2CuserEnvVars'
    const { body } = await gcloud('PATCH', `${base}/workflows/g?alt=json&updateMask=${mask}`, {
      description: 'd',
      sourceContents: source,
      userEnvVars: { A: 'b' },
    })
    expect(await waitFor(body)).toMatchObject({ metadata: { verb: 'update' } })
    expect((await gcloud('GET', `${base}/workflows/g?alt=json`)).body).toMatchObject({
      description: 'd',
      userEnvVars: { A: 'b' },
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
    })
  })

  it('deploy of an invalid source', async () => {
    const { status, body } = await gcloud('PATCH', `${base}/workflows/g?alt=json&updateMask=sourceContents`, {
      sourceContents: 'main: 1\n',
    })
    expect(status).toBe(200)
    expect(await waitFor(body)).toMatchObject({ error: { code: 3 } })
  })

  it('run, with labels and levels, by project number too', async () => {
    const number = base.replace('test-project', '123456789012')
    const { body } = await gcloud('POST', `${number}/workflows/g/executions?alt=json`, {
      argument: '{"n":7}',
      labels: { k: 'v' },
      callLogLevel: 'LOG_NONE',
      executionHistoryLevel: 'EXECUTION_HISTORY_BASIC',
    })
    expect(await executionEnd(cloud, String(body['name']))).toMatchObject({
      state: 'SUCCEEDED',
      result: '7',
      labels: { k: 'v' },
      callLogLevel: 'LOG_NONE',
      executionHistoryLevel: 'EXECUTION_HISTORY_BASIC',
    })
  })

  it('execute, executions list, describe and cancel', async () => {
    const { body } = await gcloud('POST', `${base}/workflows/g/executions?alt=json`, {
      argument: '{"n":8}',
      callLogLevel: 'CALL_LOG_LEVEL_UNSPECIFIED',
      disableConcurrencyQuotaOverflowBuffering: false,
      executionHistoryLevel: 'EXECUTION_HISTORY_LEVEL_UNSPECIFIED',
    })
    await executionEnd(cloud, String(body['name']))
    const listed = await gcloud('GET', `${base}/workflows/g/executions?alt=json&pageSize=1`)
    expect(listed.body['executions']).toMatchObject([{ name: body['name'], state: 'SUCCEEDED' }])
    const described = await gcloud('GET', `/v1/${String(body['name'])}?alt=json`)
    expect(described.body).toMatchObject({ argument: '{"n":8}', result: '8', callLogLevel: 'LOG_ALL_CALLS' })
    const cancelled = await gcloud('POST', `/v1/${String(body['name'])}:cancel?alt=json`, {})
    expect(cancelled).toMatchObject({ status: 400, body: { error: { status: 'FAILED_PRECONDITION' } } })
  })

  it('list and delete', async () => {
    expect((await gcloud('GET', `${base}/workflows?alt=json`)).body).toMatchObject({
      workflows: [{ name: `${base.slice(4)}/workflows/g` }],
    })
    const { body } = await gcloud('DELETE', `${base}/workflows/g?alt=json`)
    await waitFor(body)
    expect((await gcloud('GET', `${base}/workflows?alt=json`)).body).toEqual({ workflows: [] })
  })

  it('logging read', async () => {
    const { status, body } = await gcloud('POST', '/v2/entries:list?alt=json', {
      filter: 'timestamp>="2026-01-01T00:00:00.000000Z" AND severity>=INFO',
      orderBy: 'timestamp desc',
      pageSize: 3,
      resourceNames: ['projects/test-project'],
    })
    expect(status).toBe(200)
    const states = (body['entries'] as { jsonPayload: { state: string } }[]).map(
      ({ jsonPayload }) => jsonPayload.state,
    )
    expect(states).toEqual(['SUCCEEDED', 'ACTIVE', 'SUCCEEDED'])
  })
})
