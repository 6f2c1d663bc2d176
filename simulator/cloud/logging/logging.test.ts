import { afterAll, beforeAll, expect, it } from 'vitest'
import { virtualClock } from '../../clock.ts'
import { executionEnd, startTestCloud, type TestCloud } from '../../testing/cloud.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ clock: virtualClock(Date.parse('2026-03-09T09:00:00Z')) })
  const sourceContents = `
main:
  steps:
    - text:
        call: sys.log
        args: { text: "plain", severity: INFO }
    - failed:
        call: sys.log
        args: { severity: ERROR, json: { dag: films, run_id: r1, task: load, rows: 3 } }
    - job:
        call: googleapis.run.v2.projects.locations.jobs.run
        args:
          name: projects/test-project/locations/us-central1/jobs/noisy
`
  await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=logs`, { sourceContents })
  const script =
    'for (let i = 0; i < 3; i += 1) console.log(JSON.stringify({ severity: "warning", dag: "films", run_id: "r2", i }))'
  await cloud.request('POST', `/v2/${cloud.parent}/jobs?jobId=noisy`, {
    template: { template: { containers: [{ image: 'script', args: [script] }] } },
  })
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/logs/executions`, {})
  await executionEnd(cloud, String(body['name']))
})
afterAll(() => cloud.close())

async function list(
  body: object,
): Promise<{ status: number; entries: Record<string, unknown>[]; next: unknown }> {
  const answer = await cloud.request('POST', '/v2/entries:list', {
    resourceNames: ['projects/test-project'],
    ...body,
  })
  return {
    status: answer.status,
    entries: (answer.body['entries'] ?? []) as Record<string, unknown>[],
    next: answer.body['nextPageToken'],
  }
}

it.each([
  ['', 5],
  ['severity>=WARNING', 4],
  ['severity=ERROR', 1],
  ['jsonPayload.dag="films" AND jsonPayload.run_id="r2"', 3],
  ['jsonPayload.i="1"', 1],
  ['textPayload:"lai"', 1],
  ['timestamp>="2000-01-01T00:00:00Z" AND resource.type="cloud_run_job"', 3],
  ['resource.labels.job_name="noisy" AND labels."run.googleapis.com/task_index"="0"', 3],
  ['jsonPayload.constructor:*', 0],
])('finds %s', async (filter, count) => {
  expect((await list({ filter })).entries).toHaveLength(count)
})

it('orders and pages', async () => {
  const first = await list({ filter: 'jsonPayload.run_id="r2"', orderBy: 'timestamp desc', pageSize: 2 })
  expect(first.entries).toHaveLength(2)
  const second = await list({
    filter: 'jsonPayload.run_id="r2"',
    orderBy: 'timestamp desc',
    pageSize: 2,
    pageToken: first.next,
  })
  expect(second.entries).toHaveLength(1)
  expect(second.next).toBeUndefined()
})

it('refuses what it does not know', async () => {
  expect((await list({ resourceNames: [] })).status).toBe(400)
  expect((await list({ resourceNames: ['organizations/1'] })).status).toBe(400)
  expect((await list({ filter: 'severity>' })).status).toBe(400)
  expect((await list({ resourceNames: ['projects/other'] })).entries).toEqual([])
})
