import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestCloud, type TestCloud } from '../testing/cloud.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
  const sourceContents = 'main:\n  steps:\n    - done:\n        return: 1\n'
  await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=w`, { sourceContents })
  await cloud.request('POST', `/v2/${cloud.parent}/jobs?jobId=j`, {
    template: { template: { maxRetries: 0, containers: [{ image: 'none' }] } },
  })
})
afterAll(() => cloud.close())

const seed = Number(process.env['SEED'] ?? 20260309)

/** https://en.wikipedia.org/wiki/Linear_congruential_generator */
function generator(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const words = [
  '',
  'w',
  'j',
  '-',
  '..',
  '%2e%2e',
  '%00',
  '%',
  '%zz',
  'a%2Fb',
  '__proto__',
  'constructor',
  'x'.repeat(300),
  ':',
  'w:cancel',
  'é',
  '123456789012',
  'executions',
  'stepEntries',
  'operations',
  'locations',
  '1',
  '-1',
  '9'.repeat(30),
  'null',
  '"',
  '{',
  '*',
]
const scalars: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  '',
  'x',
  '5s',
  '\0',
  '\u{1F600}',
  [],
  {},
  [[]],
  { a: 1 },
  'x'.repeat(5000),
  '{"a":1}',
  'main: [',
]
const fields = [
  'name',
  'sourceContents',
  'labels',
  'userEnvVars',
  'callLogLevel',
  'template',
  'containers',
  'image',
  'env',
  'overrides',
  'timeout',
  'taskCount',
  'argument',
  'resourceNames',
  'filter',
  'pageSize',
  'orderBy',
  'pageToken',
  '__proto__',
  'parallelism',
  'maxRetries',
]
const paths = [
  '/v1/projects/P/locations/L/workflows',
  '/v1/projects/P/locations/L/workflows/w',
  '/v1/projects/P/locations/L/workflows/W/executions',
  '/v1/projects/P/locations/L/workflows/w:listRevisions',
  '/v1/projects/P/locations/L/workflows/w/executions/W:cancel',
  '/v1/projects/P/locations/L/workflows/w/executions/W/stepEntries/W',
  '/v1/projects/P/locations/L/operations/W',
  '/v2/projects/P/locations/L/jobs',
  '/v2/projects/P/locations/L/jobs/j',
  '/v2/projects/P/locations/L/jobs/W:run',
  '/v2/projects/P/locations/L/jobs/j/executions/W',
  '/v2/entries:list',
  '/apis/run.googleapis.com/v1/namespaces/P/jobs/j:run',
]
const parameters = [
  'workflowId',
  'jobId',
  'updateMask',
  'pageSize',
  'pageToken',
  'filter',
  'orderBy',
  'view',
  'revisionId',
  'skip',
]

it(`no request makes the cloud fail (SEED=${seed})`, async () => {
  const below = generator(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const value = (depth: number): unknown => {
    if (depth > 3 || below(3) === 0) return pick(scalars)
    if (below(4) === 0) return Array.from({ length: below(3) }, () => value(depth + 1))
    return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(fields), value(depth + 1)]))
  }
  const failures: string[] = []
  const answered = new Map<number, number>()
  for (let round = 0; round < 1500; round += 1) {
    const path = pick(paths)
      .replace('/P/', below(5) === 0 ? `/${pick(words)}/` : '/test-project/')
      .replace('/L/', below(5) === 0 ? `/${pick(words)}/` : '/us-central1/')
      .replace('W', pick(words))
    const query = Array.from({ length: below(3) }, () => `${pick(parameters)}=${pick(words)}`).join('&')
    const text = below(8) === 0 ? pick(words) : JSON.stringify(value(0))
    const method = pick(['GET', 'POST', 'PATCH', 'DELETE', 'PUT'] as const)
    if (method === 'DELETE' && /(workflows\/w|jobs\/j)$/.test(path)) continue
    const response = await cloud.emulator.dispatch({
      method,
      path,
      query: new URLSearchParams(query),
      headers: {},
      body: method === 'GET' ? new Uint8Array() : new TextEncoder().encode(text),
    })
    answered.set(response.status, (answered.get(response.status) ?? 0) + 1)
    // A method that clients know and the service does not have is refused too, in these words alone.
    const refusal = JSON.stringify(response.body).includes('"UNIMPLEMENTED"')
    if (response.status >= 500 && !(response.status === 501 && refusal)) {
      failures.push(`${method} ${path}?${query} ${text.slice(0, 200)} -> ${JSON.stringify(response.body)}`)
    }
  }
  expect(failures).toEqual([])
  expect(answered.get(200)).toBeGreaterThan(30)
  expect(answered.get(400)).toBeGreaterThan(100)
})

it.each([
  '/v2/projects/test-project/locations/us-central1%2Fb%2F../jobs?jobId=j',
  '/v2/projects/test-project/locations/../jobs?jobId=j',
  '/v2/projects/..%2F..%2Fx/locations/us-central1/jobs?jobId=j',
  '/v2/projects/test-project/locations/us-central1/jobs?jobId=../x',
  '/v1/projects/test-project/locations/..%2F../workflows?workflowId=w',
  '/v1/projects/test-project/locations/us-central1/workflows?workflowId=../w',
])('keeps %s out of the file system', async (path) => {
  const body = path.startsWith('/v2') ? { template: { template: { containers: [{ image: 'none' }] } } } : {}
  const { status } = await cloud.request('POST', path, body)
  expect([400, 404]).toContain(status)
})
