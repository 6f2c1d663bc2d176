import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testProject, type TestProject } from './testing/project.ts'
import { heldBack } from './held-back.ts'

/** What answers on this machine: a service, and a redirect to elsewhere. */
const asked: string[] = []
let server: Server
let project: TestProject

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.url === '/moved') response.writeHead(302, { location: 'https://api.example.invalid/there' })
    else response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"invoices": 3}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const dag = (id: string, options: string, tasks: string) => `
    import { dag, gt, httpReady, pubsub, secret, webhook, z } from 'dagwright'
    export default dag('${id}', { description: 'Bills'${options} }, ({ empty, http, sensor }) => {
      const response = z.object({ invoices: z.int() })
      ${tasks}
    })`
  project = testProject({
    'dags/moved/dag.ts': dag(
      'moved',
      '',
      `http('close_day', { url: '${here}/moved', method: 'GET', response })`,
    ),
    'dags/away/dag.ts': dag(
      'away',
      '',
      `http('close_here', { url: '${here}/close', method: 'GET', response })
       http('close_moved', { url: '${here}/moved', method: 'GET', response })
       const closed = http('close_day', { url: 'https://api.example.invalid/close?key=1', method: 'GET', response }, { retries: 2 })
       http('call_service', { service: 'billing', path: '/', method: 'GET', response })
       sensor('is_ready', httpReady({ url: 'https://api.example.invalid/ready', method: 'GET', response,
         until: (answer) => gt(answer.body.invoices, 0) }))
       empty('after', { after: closed })`,
    ),
    'dags/told/dag.ts': dag(
      'told',
      `, onSuccess: [webhook({ url: '${here}/hook' }), webhook({ url: 'https://chat.example.invalid/x', format: 'chat' }),
         webhook({ url: 'https://chat.example.invalid/y', auth: 'oidc' }), webhook({ url: secret('chat') }), pubsub('events')]`,
      `empty('only')`,
    ),
    'dag.config.ts': "export default { images: { steps: { command: ['false'] } } }",
  })
})
afterAll(async () => {
  project.remove()
  rmSync(reports, { recursive: true, force: true })
  await new Promise((closed) => server.close(closed))
})

const reports = mkdtempSync(join(tmpdir(), 'dag-reports-'))

// A report outside of the project: its name does not depend on the working directory.
const simulate = (...args: readonly string[]) =>
  project.dag('simulate', ...args, '--report', join(reports, 'run.html'))

/** Errors of the tasks that failed, by id. */
function errorsIn(out: string) {
  const { tasks } = JSON.parse(out) as {
    tasks: { id: string; tries: number; error?: { code: string; message: string } }[]
  }
  return Object.fromEntries(
    tasks.flatMap(({ id, tries, error }) => (error ? [[id, { tries, ...error }]] : [])),
  )
}

describe('dag simulate', () => {
  test('calls what answers on this machine, and refuses what would leave it, redirects too', async () => {
    const { code, out, note } = await simulate('away', '--json')
    expect(code, note).toBe(2)
    const errors = errorsIn(out)
    expect(asked).toEqual(['GET /close', 'GET /moved'])
    expect(Object.keys(errors).toSorted()).toEqual(['call_service', 'close_day', 'close_moved', 'is_ready'])
    for (const error of Object.values(errors)) expect(error).toMatchObject({ code: 'DAG706', tries: 1 })
    expect(errors['close_day']?.message).toMatch(
      /^GET https:\/\/api\.example\.invalid\/close would leave this machine, .* --live; .*--mock FILE/,
    )
    expect(note).toMatch(
      /close_day failed: DAG706: .*\n {2}at dags\/away\/dag\.ts:\d+\n {2}fix: dag explain DAG706/,
    )
  })

  test('lets a mock answer, and refuses what has none', async () => {
    const mocks = project.file('mocks.json', '{"close_day": {"status": 200, "body": {"invoices": 1}}}')
    const { out } = await simulate('away', '--json', '--mock', mocks)
    expect(Object.keys(errorsIn(out)).toSorted()).toEqual(['call_service', 'close_moved', 'is_ready'])
  })

  test('with --live calls whoever is named', async () => {
    const { code, out } = await simulate('moved', '--json', '--live')
    expect(code).toBe(2)
    // Nobody is there; that nobody is, is known only to who asks.
    expect(errorsIn(out)['close_day']?.code).toMatch(/^Connection/)
  })

  test('tells hooks on this machine, and says which others it would tell', async () => {
    const { code, note } = await simulate('told')
    expect(code, note).toBe(0)
    expect(asked.at(-1)).toBe('POST /hook')
    const told = note.split('\n').filter((line) => line.startsWith('would tell '))
    expect(told.map((line) => line.replace(/__\S+$/, ''))).toEqual([
      'would tell https://chat.example.invalid/x: DAG told succeeded: manual',
      'would tell https://chat.example.invalid/y: DAG told succeeded: manual',
      'would tell secret variable HOOK_CHAT: DAG told succeeded: manual',
      'would tell topic events: DAG told succeeded: manual',
    ])
  })
})

test('--live is refused where every run is live', async () => {
  const { code, note } = await project.dag('rerun', 'x', '--env', 'prod', '--live')
  expect(code).toBe(1)
  expect(note).toMatch(
    /^DAG602 --live is for runs on this machine\n {2}at --env prod\n {2}fix: leave --live out/,
  )
})

describe('what is held back', () => {
  const request = {
    method: 'GET',
    url: new URL('https://api.example.invalid/'),
    headers: new Headers(),
    body: null,
  }
  const held = heldBack({ note: () => undefined, variables: {}, topics: false })
  const from = { routine: 'task_ask', step: 'request' }

  test('are calls of DAGs, not those of other workflows', () => {
    expect(held.outward?.(request, { from, environment: () => null })).toBeNull()
    const dag = (name: string) => (name === 'DAG_BUCKET' ? 'bucket' : null)
    expect(held.outward?.(request, { from, environment: dag })).toMatchObject({
      kind: 'refusal',
      code: 'DAG706',
    })
  })

  test('are hooks whose address is elsewhere or unknown, and topics where nobody would read them', async () => {
    const told: string[] = []
    const hooks = (topics: boolean) =>
      heldBack({
        note: (text) => told.push(text),
        variables: { HOOK_HERE: 'http://127.0.0.1:9/x', HOOK_CHAT: 'https://chat.example.com' },
        topics,
      })
    const send = (topics: boolean, routine: string, path: string, body: object) =>
      hooks(topics).apis?.[0]?.handle({
        method: 'POST',
        path,
        query: new URLSearchParams(),
        headers: {},
        body: new TextEncoder().encode(JSON.stringify(body)),
        from: { routine, step: 'tell' },
      })
    const notify = (variable: string) => {
      const value = JSON.stringify({ variable, body: { text: 'it failed' } })
      const overrides = { containerOverrides: [{ env: [{ name: 'DAG_INPUT', value }] }] }
      return send(true, 'tell_secret_address', '/v2/x/jobs/shop--notify:run', { overrides })
    }
    const data = Buffer.from('{"text":"it ended"}').toString('base64')
    const publish = (topics: boolean) =>
      send(topics, 'tell_topic', '/v1/projects/p/topics/events:publish', { messages: [{ data }] })
    expect(await notify('HOOK_HERE')).toBeNull()
    expect(await notify('HOOK_CHAT')).not.toBeNull()
    expect(await notify('HOOK_UNSET')).not.toBeNull()
    expect(await publish(false)).toBeNull()
    expect(await publish(true)).not.toBeNull()
    expect(told).toEqual([
      'would tell secret variable HOOK_CHAT: it failed',
      'would tell secret variable HOOK_UNSET: it failed',
      'would tell topic events: it ended',
    ])
  })
})
