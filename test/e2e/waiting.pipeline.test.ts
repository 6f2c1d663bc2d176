import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compileDag } from '../../compiler/index.ts'
import {
  column,
  dag,
  eq,
  httpReady,
  model,
  objectExists,
  partitionExists,
  z,
  type DagDefinition,
} from '../../dsl/index.ts'
import type { LogRecord } from '../../simulator/cloud/logs.ts'
import { startEmulator, type Emulator } from '../../simulator/emulator.ts'
import { jsonOf, requestOf } from '../../testing/bucket.ts'
import { install } from '../../testing/install.ts'
import { parent, place } from '../../testing/place.ts'

/** Tasks that the workflow does itself, against the emulator's own storage, warehouse, callbacks and executions. */

const sale = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sale',
  description: 'Sales',
  columns: { id: column.required(column.string('id')), day: column.date('reference date') },
  primaryKey: ['id'],
  partitionBy: 'day',
  retentionDays: null,
})

const child = dag(
  'child',
  { description: 'Started by the other', params: z.object({ mode: z.string(), size: z.int().default(3) }) },
  ({ params, branch, empty }) => {
    const mode = branch('mode', { on: params.mode, cases: ['full'] })
    empty('full', { after: mode.case('full') })
  },
)

const waiting = dag(
  'waiting',
  { description: 'Waits for everything', params: z.object({ mode: z.enum(['full', 'odd']) }) },
  ({ run, params, http, sensor, approval, trigger, shortCircuit, empty }) => {
    const marker = sensor('marker', objectExists({ object: 'incoming/_SUCCESS' }), {
      pokeInterval: '1s',
      timeout: '1m',
    })
    const loaded = sensor('loaded', partitionExists(sale, run.date), { pokeInterval: '1s', timeout: '1m' })
    const empty_ = sensor('no_rows', partitionExists(sale, '2026-03-08'), {
      pokeInterval: '1s',
      timeout: '1s',
      softFail: true,
    })
    const up = sensor(
      'up',
      httpReady({
        service: 'shop',
        response: z.object({ state: z.string().max(9) }),
        until: ({ body }) => eq(body.state, 'up'),
      }),
      { pokeInterval: '1s', timeout: '1m' },
    )
    const order = http(
      'order',
      {
        service: 'shop',
        path: '/orders',
        method: 'POST',
        body: { day: run.date },
        response: z.object({
          id: z.string().max(36),
          lines: z.array(z.object({ sku: z.string().max(9) })).max(9),
        }),
      },
      { after: [marker, loaded, up] },
    )
    const agreed = approval('agree', { message: 'Send the order?' }, { after: order, timeout: '1m' })
    shortCircuit('by_ana', eq(agreed.by, 'ana'), { skips: 'all' })
    trigger('run_child', { dag: child, params: { mode: params.mode }, wait: true }, { after: agreed })
    empty('ended', { after: empty_, triggerRule: 'all_done' })
  },
)

const asked: {
  method: string
  url: string
  key: string | null
  authorization: string | null
  body: string
}[] = []
const stateDir = mkdtempSync(join(tmpdir(), 'waiting-'))
let emulator: Emulator

const compiled = (definition: DagDefinition) =>
  compileDag(definition, { projectDir: resolve(import.meta.dirname, '../..') })

/** A person who agrees as soon as somebody asks, once with an answer that says nothing. */
function answer({ jsonPayload }: LogRecord): void {
  const { state, url } = (jsonPayload ?? {}) as { state?: string; url?: string }
  if (state !== 'waiting' || url === undefined) return
  const path = new URL(url).pathname
  const json = { 'content-type': 'application/json' }
  const send = (body: object) => emulator.dispatch(requestOf('POST', path, body, json))
  void send({ approved: 'perhaps' }).then(async () => {
    for (let tries = 0; tries < 100; tries++) {
      const { status } = await send({ approved: true, by: 'ana', note: 'go on' })
      if (status === 200) return
      await new Promise((next) => setTimeout(next, 20))
    }
  })
}

beforeAll(async () => {
  emulator = await startEmulator({
    stateDir,
    project: place.project,
    location: place.location,
    images: {},
    standIn: async ({ method, url, headers, body }) => {
      const text = body === null ? '' : new TextDecoder().decode(body)
      asked.push({
        method,
        url: url.href,
        key: headers.get('idempotency-key'),
        authorization: headers.get('authorization'),
        body: text,
      })
      const shown =
        method === 'POST'
          ? { id: 'o-1', internal: true, lines: [{ sku: 'a', price: 1 }] }
          : { state: asked.length > 2 ? 'up' : 'starting' }
      const bytes = new TextEncoder().encode(JSON.stringify(shown))
      return { afterMs: 0, response: { status: 200, headers: { 'content-type': 'application/json' }, bytes } }
    },
    onLog: answer,
  })
  await install(compiled(waiting), emulator, () => false)
  const workflow = {
    sourceContents: compiled(child).source,
    userEnvVars: { DAG_BUCKET: place.bucket, DAG_DATASET_LOCATION: place.datasetLocation },
  }
  jsonOf(await emulator.dispatch(requestOf('POST', `/v1/${parent}/workflows?workflowId=child`, workflow)))
  const query = `CREATE SCHEMA shop_raw; CREATE TABLE shop_raw.sale (id STRING, day DATE) PARTITION BY day;
    INSERT INTO shop_raw.sale VALUES ('a', DATE '2026-03-09')`
  const body = { query, useLegacySql: false, location: 'US', timeoutMs: 60_000 }
  jsonOf(await emulator.dispatch(requestOf('POST', `/bigquery/v2/projects/${place.project}/queries`, body)))
})

afterAll(async () => {
  await emulator.close()
  rmSync(stateDir, { recursive: true, force: true })
})

async function run(argument: object): Promise<Record<string, unknown>> {
  const created = jsonOf(
    await emulator.dispatch(
      requestOf('POST', `/v1/${parent}/workflows/waiting/executions`, { argument: JSON.stringify(argument) }),
    ),
  )
  for (let looks = 0; looks < 3000; looks++) {
    const execution = jsonOf(await emulator.dispatch(requestOf('GET', `/v1/${String(created['name'])}`)))
    if (execution['state'] === 'SUCCEEDED')
      return JSON.parse(String(execution['result'])) as Record<string, unknown>
    if (execution['state'] !== 'ACTIVE')
      return JSON.parse((execution['error'] as { payload: string }).payload) as Record<string, unknown>
    if (looks === 1) await putMarker()
    await new Promise((next) => setTimeout(next, 10))
  }
  throw new Error('the run does not end')
}

async function putMarker(): Promise<void> {
  const path = `/upload/storage/v1/b/${place.bucket}/o`
  const request = requestOf('POST', path, {}, { 'content-type': 'application/json' })
  request.query.set('uploadType', 'media')
  request.query.set('name', 'incoming/_SUCCESS')
  expect((await emulator.dispatch(request)).status).toBe(200)
}

const statesOf = (value: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(value['tasks'] as Record<string, { state: string }>).map(([id, { state }]) => [id, state]),
  )

const argument = {
  run_id: 'manual__2026-03-10t09-00-00z',
  logical_date: '2026-03-09T06:00:00-03:00',
  interval_start: '2026-03-09T06:00:00-03:00',
  interval_end: '2026-03-10T06:00:00-03:00',
}

it('finds, asks, calls and starts what it waits for', { timeout: 60_000 }, async () => {
  const [value, failed] = await Promise.all([
    run({ ...argument, params: { mode: 'full' } }),
    run({ ...argument, run_id: 'manual__2', params: { mode: 'odd' } }),
  ])
  expect(statesOf(value), JSON.stringify(value)).toEqual({
    marker: 'success',
    loaded: 'success',
    no_rows: 'skipped',
    up: 'success',
    order: 'success',
    agree: 'success',
    by_ana: 'success',
    run_child: 'success',
    ended: 'success',
  })
  const key = `waiting/${argument.run_id}/order/0`
  const order = asked.find((request) => request.method === 'POST' && request.key === key)
  expect(order).toMatchObject({
    url: expect.stringMatching(/^https:\/\/shop-\d+\.us-central1\.run\.app\/orders$/),
    authorization: expect.stringMatching(/^Bearer /),
    body: '{"day":"2026-03-09"}',
  })
  const { executions } = jsonOf(
    await emulator.dispatch(requestOf('GET', `/v1/${parent}/workflows/child/executions?view=FULL`)),
  ) as { executions: { state: string; result: string; labels: Record<string, string> }[] }
  expect(executions).toHaveLength(2)
  const ended = executions.find(({ state }) => state === 'SUCCEEDED')
  expect(ended?.labels).toMatchObject({ dag: 'child', trigger: 'triggered' })
  expect(JSON.parse(ended?.result ?? '')).toMatchObject({
    dag: 'child',
    run_id: `triggered__waiting__${argument.run_id}__run_child`,
    state: 'success',
  })
  expect(failed).toMatchObject({
    failed: ['run_child'],
    tasks: {
      run_child: {
        state: 'failed',
        error: {
          code: 'triggered_run_failed',
          message: expect.stringMatching(
            /^run triggered__waiting__manual__2__run_child of DAG child failed: execution [0-9a-f-]+$/,
          ),
        },
      },
    },
  })
})
