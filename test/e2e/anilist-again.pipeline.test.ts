import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { BigQuery } from '@google-cloud/bigquery'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Manifest, manifestSchema } from '../../artifact/manifest.ts'
import { root, simulate, type SimulateResult, temporaryFolder } from './cli.ts'
import { dumpTables, readTables, type Tables, versionsApart, withBigQuery } from './dump.ts'

const date = '2026-05-01'
const nextDate = '2026-05-02'
const built = ['tru', 'ref', 'dmt']
const folder = temporaryFolder()
let run: SimulateResult
/** What an undisturbed run of the day leaves. */
let tables: Tables

beforeAll(async () => {
  run = await simulate(['anilist', '--date', date, '--state', folder.path])
  tables = await dumpTables(folder.path, ['raw', ...built])
}, 60_000)

afterAll(() => {
  folder.remove()
})

test('the same day twice leaves the same tables', async () => {
  const again = await simulate(['anilist', '--date', date, '--state', folder.path])
  expect(again.run_id).toBe(run.run_id)
  expect(await dumpTables(folder.path, ['raw', ...built])).toEqual(tables)
})

test('TRU, REF and DMT deleted and rebuilt from RAW alone are identical', async () => {
  await simulate(['anilist', '--date', nextDate, '--state', folder.path])
  const manifest = manifestSchema.parse(
    JSON.parse(readFileSync(join(root, 'generated/anilist/manifest.json'), 'utf8')),
  )
  await withBigQuery(folder.path, async (bigquery) => {
    const before = await readTables(bigquery, built)
    expect(Object.values(before).flat().length).toBeGreaterThan(1000)
    for (const { dataset, table, layer } of manifest.tables) {
      if (built.includes(layer)) await bigquery.query(`DELETE FROM ${dataset}.${table} WHERE TRUE`)
    }
    expect(Object.values(await readTables(bigquery, built)).flat()).toEqual([])
    await rebuild(bigquery, manifest)
    expect(await readTables(bigquery, built)).toEqual(before)
  })
})

test('the YAML alone gives the same tables: no dags/, dsl/ or compiler/', async () => {
  const place = temporaryFolder()
  const checkout = join(place.path, 'checkout')
  mkdirSync(checkout)
  for (const name of [
    'artifact',
    'cli',
    'deploy',
    'history',
    'language',
    'loading',
    'simulator',
    'steps',
    'samples',
  ]) {
    cpSync(join(root, name), join(checkout, name), { recursive: true })
  }
  for (const name of ['generated', 'dist', 'package.json', 'dag.config.ts']) {
    cpSync(join(root, name), join(checkout, name), { recursive: true })
  }
  rmSync(join(checkout, 'dist/dsl'), { recursive: true })
  const parts = join(checkout, 'dist/parts')
  const ofCompiling = readdirSync(parts).filter((name) =>
    /^\/\/ (?:dsl|compiler)\//m.test(readFileSync(join(parts, name), 'utf8')),
  )
  expect(ofCompiling.length).toBeGreaterThan(0)
  for (const name of ofCompiling) rmSync(join(parts, name))
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))

  const args = [
    'workflow',
    'run',
    'generated/anilist/workflow.yaml',
    '--date',
    date,
    '--state',
    'alone',
    '--json',
  ]
  const alone = spawnSync(process.execPath, ['dist/cli/main.js', ...args], {
    cwd: checkout,
    encoding: 'utf8',
  })
  expect(alone.status, alone.stderr).toBe(0)
  expect(versionsApart(await dumpTables(join(checkout, 'alone'), ['raw', ...built]))).toEqual(
    versionsApart(tables),
  )
  place.remove()
})

/** Calls every model's procedure in the order of the graph, once for each day that RAW holds. */
async function rebuild(bigquery: BigQuery, manifest: Manifest): Promise<void> {
  const [dates] = await bigquery.query(
    'SELECT DISTINCT ingestion_date AS day FROM anilist_raw.list ORDER BY day',
  )
  for (const { day } of dates as { day: { value: string } }[]) {
    for (const task of manifest.tasks.filter(({ kind }) => kind === 'model')) {
      const routine = manifest.routines.find(({ model }) => model === task.runs)
      const at = `TIMESTAMP '${day.value} 09:00:00+00'`
      await bigquery.query(
        `CALL ${routine?.dataset}.${routine?.routine}('manual__${day.value}t09-00-00z', 'rebuild', DATE '${day.value}',
           ${at}, ${at}, ${at}, CURRENT_TIMESTAMP(), '{}')`,
      )
    }
  }
}
