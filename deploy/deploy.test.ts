import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Manifest } from '../artifact/manifest.ts'
import { startEmulator, type Emulator } from '../simulator/emulator.ts'
import { applyPlan, DeployError } from './apply.ts'
import { connect, type Clients } from './clients.ts'
import { compiledFrom, type Compiled } from './compiled.ts'
import { localEnvironment, localNames } from './environment.ts'
import { createExecution, waitForExecution } from './executions.ts'
import { parseConfig } from './load-config.ts'
import { isNoOp, planDeployment } from './plan.ts'
import { workflowName } from './resources/workflow.ts'

const source = `main:
  params: [args]
  steps:
    - answer:
        return: \${args.n + 1}
`

const column = (
  name: string,
  type: 'STRING' | 'INT64' | 'DATE',
  mode: 'NULLABLE' | 'REQUIRED' = 'NULLABLE',
) => ({
  name,
  type,
  mode,
  description: `The ${name}`,
})

const manifest: Manifest = {
  version: 1,
  dag: 'shop',
  description: 'Sales of a shop',
  schedule: null,
  maxActiveRuns: 1,
  params: { type: 'object', properties: {} },
  workflow: { id: 'shop', file: 'workflow.yaml', env: ['DAG_BUCKET', 'DAG_DATASET_LOCATION'] },
  tasks: [],
  jobs: [
    {
      id: 'shop--load',
      task: 'load',
      image: 'steps',
      args: ['shop/load'],
      timeoutSeconds: 300,
      cpu: '1',
      memory: '512Mi',
      secrets: { TOKEN: 'shop-token' },
      env: ['SHOP_ENDPOINT'],
    },
  ],
  datasets: [{ id: 'shop_raw', layer: 'raw', description: 'As received' }],
  tables: [
    {
      dataset: 'shop_raw',
      table: 'sale',
      layer: 'raw',
      description: 'Sales',
      columns: [column('id', 'STRING', 'REQUIRED'), column('amount', 'INT64'), column('day', 'DATE')],
      primaryKey: ['id'],
      partition: { column: 'day', expirationDays: 30 },
      clusterBy: ['id'],
    },
  ],
  routines: [
    { dataset: 'shop_raw', routine: 'build_sale__1', model: 'shop_raw.sale', file: 'sql/shop_raw.sale.sql' },
  ],
  identities: [],
}

const procedure = `CREATE OR REPLACE PROCEDURE \`shop_raw.build_sale__1\`(run_id STRING)
BEGIN
  DELETE FROM \`shop_raw.sale\` WHERE id = run_id;
END;
`

function compiled(change: Partial<Manifest> = {}, workflow = source): Compiled {
  return compiledFrom({
    'manifest.json': JSON.stringify({ ...manifest, ...change }),
    'workflow.yaml': workflow,
    'sql/shop_raw.sale.sql': procedure,
  })
}

const state = mkdtempSync(join(tmpdir(), 'dag-deploy-'))
let emulator: Emulator
let clients: Clients

beforeAll(async () => {
  emulator = await startEmulator({
    stateDir: state,
    project: localNames.project,
    location: localNames.region,
    images: {},
  })
  clients = connect(localEnvironment(parseConfig({}, 'test'), emulator.url))
})

afterAll(async () => {
  await clients.close()
  await emulator.close()
  rmSync(state, { recursive: true, force: true })
})

async function deploy(wanted: Compiled): Promise<string[]> {
  const done: string[] = []
  const plan = await planDeployment(wanted, clients)
  await applyPlan(plan, clients, ({ kind, resource }) =>
    done.push(`${kind} ${resource.kind} ${resource.name}`),
  )
  return done
}

async function changes(wanted: Compiled): Promise<string[]> {
  const { actions } = await planDeployment(wanted, clients)
  return actions.flatMap((action) =>
    action.kind === 'change'
      ? action.changes.map(({ fact, from, to }) => `${action.resource.kind} ${fact}: ${from} -> ${to}`)
      : action.kind === 'create'
        ? [`create ${action.resource.kind} ${action.resource.name}`]
        : [],
  )
}

describe("deploying through Google's clients", { concurrent: false }, () => {
  test('creates everything in dependency order, and does nothing the second time', async () => {
    expect(await deploy(compiled())).toEqual([
      'create bucket local-project-data',
      'create dataset shop_raw',
      'create table shop_raw.sale',
      'create procedure shop_raw.build_sale__1',
      'create job shop--load',
      'create workflow shop',
    ])
    expect(isNoOp(await planDeployment(compiled(), clients))).toBe(true)
    expect(await deploy(compiled())).toEqual([])
  })

  test('what was created is what the manifest says', async () => {
    const [bucket] = await (await clients.storage()).bucket(localNames.bucket).getMetadata()
    expect(bucket.versioning).toEqual({ enabled: true })
    const [table] = await (await clients.bigquery()).dataset('shop_raw').table('sale').getMetadata()
    expect(table).toMatchObject({
      timePartitioning: { type: 'DAY', field: 'day', expirationMs: '2592000000' },
      clustering: { fields: ['id'] },
    })
    const name = `projects/${localNames.project}/locations/${localNames.region}/jobs/shop--load`
    const [job] = await (await clients.jobs()).getJob({ name })
    expect(job.template?.template).toMatchObject({ maxRetries: 0 })
    const [workflow] = await (
      await clients.workflows()
    ).getWorkflow({ name: workflowName(clients.environment, 'shop') })
    expect(workflow).toMatchObject({
      sourceContents: source,
      userEnvVars: { DAG_BUCKET: 'local-project-data', DAG_DATASET_LOCATION: 'US' },
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
      callLogLevel: 'LOG_ERRORS_ONLY',
    })
  })

  test('plans a changed timeout, column, description and source, applies them, and is done', async () => {
    const [job] = manifest.jobs
    const [table] = manifest.tables
    if (job === undefined || table === undefined) throw new Error('the fixture has a job and a table')
    const next = compiled(
      {
        jobs: [{ ...job, timeoutSeconds: 600 }],
        tables: [
          {
            ...table,
            columns: [...table.columns, column('note', 'STRING')],
            partition: { column: 'day', expirationDays: 60 },
          },
        ],
      },
      source.replace('+ 1', '+ 2'),
    )
    expect(await changes(next)).toEqual([
      'table partition expiration: 30 days -> 60 days',
      'table column note: null -> STRING NULLABLE',
      'table description of note: null -> The note',
      'job timeout: 300 s -> 600 s',
      expect.stringMatching(/^workflow source: \d+ bytes, 5 lines \(\w{12}\) -> /),
      expect.stringMatching(/^workflow label content: /),
    ])
    await deploy(next)
    expect(await changes(next)).toEqual([])
    await deploy(compiled({ tables: next.manifest.tables }))
  })

  test('refuses what cannot be changed in place, before anything is touched', async () => {
    const [table] = manifest.tables
    if (table === undefined) throw new Error('the fixture has a table')
    const columns = [column('id', 'INT64', 'REQUIRED'), column('day', 'DATE')]
    await expect(deploy(compiled({ tables: [{ ...table, columns }] }))).rejects.toThrow(
      /table shop_raw\.sale: column id cannot change from STRING REQUIRED to INT64 REQUIRED[\s\S]*column amount exists but is no longer declared/,
    )
  })

  test('a failure half-way says what was done and what was not, and deploying again goes on', async () => {
    const [job] = manifest.jobs
    if (job === undefined) throw new Error('the fixture has a job')
    const broken = compiled(
      { jobs: [job, { ...job, id: 'shop--mail', task: 'mail' }], tables: columnsAdded(manifest.tables) },
      'main: [',
    )
    const error: unknown = await deploy(broken).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DeployError)
    expect(error).toMatchObject({
      message: expect.stringMatching(/^workflow shop: .*parse error|failed to build/),
      done: ['job shop--mail'],
      notDone: ['workflow shop'],
      hint: expect.stringContaining('deploy again'),
    })
    expect(
      await changes(compiled({ jobs: broken.manifest.jobs, tables: columnsAdded(manifest.tables) })),
    ).toEqual([])
  })

  test('an execution runs what was deployed', async () => {
    const name = await createExecution(clients, {
      workflow: 'shop',
      argument: '{"n":41}',
      labels: { dag: 'shop' },
    })
    const { state: end } = await waitForExecution(clients, name, { pollMs: 20 })
    expect(end).toBe('SUCCEEDED')
    const [execution] = await (await clients.executions()).getExecution({ name })
    expect(execution).toMatchObject({ result: '42', labels: { dag: 'shop' } })
  })

  test('starting what is not deployed says so', async () => {
    await expect(
      createExecution(clients, { workflow: 'none', argument: 'null', labels: {} }),
    ).rejects.toThrow(
      expect.objectContaining({
        message: 'none is not deployed to local',
        hint: expect.stringContaining('dag deploy none'),
      }),
    )
  })
})

/** As the third test left them. */
function columnsAdded(tables: Manifest['tables']): Manifest['tables'] {
  return tables.map((table) => ({
    ...table,
    columns: [...table.columns, column('note', 'STRING')],
    partition: { column: 'day', expirationDays: 60 },
  }))
}
