import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DashboardChart } from '../artifact/dashboard.ts'
import type { Manifest } from '../artifact/manifest.ts'
import { startEmulator, type Emulator } from '../simulator/emulator.ts'
import { queryCharts } from './charts.ts'
import { foldRun } from './fold.ts'
import { countTables } from './tables.ts'

const state = mkdtempSync(join(tmpdir(), 'dag-queries-'))
let emulator: Emulator
let bigquery: BigQuery

beforeAll(async () => {
  emulator = await startEmulator({
    stateDir: state,
    project: 'local-project',
    location: 'us-central1',
    images: {},
  })
  const options = {
    apiEndpoint: emulator.url,
    projectId: 'local-project',
    authClient: new PassThroughClient(),
  }
  // @ts-expect-error The packages bring copies of the auth library whose private fields do not match.
  bigquery = new BigQuery(options)
  await bigquery.createDataset('shop_tru', { location: 'US' })
  await bigquery.query(`CREATE TABLE shop_tru.sale (id INT64, day DATE, amount NUMERIC, _load_id STRING)`)
  await bigquery.query(`INSERT INTO shop_tru.sale VALUES
    (1, DATE '2026-03-09', NUMERIC '1.5', 'manual__x/e1'),
    (2, DATE '2026-03-09', NUMERIC '2', 'manual__w/e0'),
    (3, DATE '2026-03-08', NUMERIC '4', 'manual__x/e1')`)
})

afterAll(async () => {
  await emulator.close()
  rmSync(state, { recursive: true, force: true })
})

const column = (name: string, type: 'INT64' | 'DATE' | 'STRING') => ({
  name,
  type,
  mode: 'NULLABLE' as const,
  description: '',
})
const manifest: Manifest = {
  version: 1,
  dag: 'shop',
  description: '',
  schedule: null,
  maxActiveRuns: 1,
  params: {},
  workflow: { id: 'shop', file: 'workflow.yaml', env: [] },
  tasks: [
    {
      id: 'sale',
      kind: 'model',
      group: null,
      upstream: [],
      reads: [],
      writes: ['shop_tru.sale'],
      runs: 'shop_tru.sale',
      retries: 0,
      timeoutSeconds: 60,
    },
  ],
  jobs: [],
  datasets: [],
  tables: [
    {
      dataset: 'shop_tru',
      table: 'sale',
      layer: 'tru',
      description: 'Sales',
      columns: [column('id', 'INT64'), column('_load_id', 'STRING')],
      primaryKey: ['id'],
      partition: null,
      clusterBy: [],
    },
  ],
  routines: [],
  identities: [],
}

const entry = { createTime: '2026-03-10T09:00:00Z', state: 'STATE_SUCCEEDED', routine: 'task_sale' }
const run = foldRun(
  {
    name: 'projects/p/locations/l/workflows/shop/executions/e1',
    state: 'SUCCEEDED',
    argument: '{"run_id":"manual__x","logical_date":"2026-03-09T23:00:00-03:00"}',
    labels: {},
  },
  [
    { ...entry, entryId: 1, step: 'attempt', stepType: 'STEP_TRY_RETRY_EXCEPT' },
    { ...entry, entryId: 2, step: 'succeeded', stepType: 'STEP_RETURN' },
  ],
  { manifest, sourceMap: null },
)

test('tables that the run wrote are counted, as a whole and what it wrote last', async () => {
  expect(await countTables(bigquery, manifest, run, 'US')).toEqual([
    { table: 'shop_tru.sale', layer: 'tru', description: 'Sales', tasks: ['sale'], rows: 3, rowsOfRun: 2 },
  ])
})

const chart = (sql: string): DashboardChart => ({
  id: 'c',
  title: 'C',
  description: '',
  sql,
  spec: {},
  terminal: { label: 'id', value: 'amount' },
})

test("charts are queried for the date in the DAG's time zone, values plain; one that fails leaves the others", async () => {
  const charts = [
    chart('SELECT id, day, amount FROM shop_tru.sale WHERE day = @reference_date ORDER BY id'),
    chart('SELECT id FROM shop_tru.nothing'),
    chart('SELECT id FROM shop_tru.sale WHERE STARTS_WITH(_load_id, @run_id) ORDER BY id'),
  ]
  const [byDate, broken, byRun] = await queryCharts(bigquery, { charts }, run, 'US')
  expect(byDate?.rows).toEqual([
    { id: 1, day: '2026-03-09', amount: 1.5 },
    { id: 2, day: '2026-03-09', amount: 2 },
  ])
  expect(broken).toMatchObject({ rows: [], error: expect.stringContaining('nothing') })
  expect(byRun?.rows).toEqual([{ id: 1 }, { id: 3 }])
})
