import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BigQuery } from '@google-cloud/bigquery'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Manifest, manifestSchema } from '../../artifact/manifest.ts'
import { root, simulate, temporaryFolder } from './cli.ts'
import { readTables, withBigQuery } from './dump.ts'

const folder = temporaryFolder()
const days = ['2026-05-01', '2026-05-02', '2026-05-03']
const built = ['tru', 'ref', 'dmt']

beforeAll(async () => {
  for (const date of days) await simulate(['anilist', '--date', date, '--state', folder.path])
}, 120_000)

afterAll(() => {
  folder.remove()
})

test('TRU, REF and DMT deleted and rebuilt from RAW alone are identical', async () => {
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
