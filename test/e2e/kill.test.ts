import { existsSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulate, startDag, temporaryFolder } from './cli.ts'
import { dumpTables, type Tables } from './dump.ts'

/**
 * A run killed at a task and started again leaves the tables that an undisturbed run leaves. By default one kill
 * while a step runs and one while a model is built; `KILL_EVERY_TASK=1` kills at every task of the DAG.
 */
const everyTask = [
  'fetch_user',
  'fetch_media_list',
  'load_raw',
  'tru_entry',
  'tru_media',
  'tru_media_genre',
  'tru_media_studio',
  'tru_rejected',
  'ref_entry_day',
  'dmt_genre',
  'dmt_popular_anime',
  'dmt_mean_score',
]
const tasks = process.env['KILL_EVERY_TASK'] === '1' ? everyTask : ['load_raw', 'tru_entry']
const args = ['anilist', '--date', '2026-05-01']
const layers = ['raw', 'tru', 'ref', 'dmt']
const folder = temporaryFolder()
let undisturbed: Tables

beforeAll(async () => {
  await simulate([...args, '--state', folder.path])
  undisturbed = withoutVersions(await dumpTables(folder.path, layers))
})

afterAll(() => {
  folder.remove()
})

test.each(tasks)('killed at %s and run again: the same tables', async (task) => {
  const state = `${folder.path}-${task}`
  const run = startDag(['simulate', ...args, '--state', state])
  await run.printed(`${task} `)
  process.kill(-run.pid, 'SIGKILL')
  await run.finished
  expect(existsSync(state)).toBe(true)
  await simulate([...args, '--state', state])
  expect(withoutVersions(await dumpTables(state, layers))).toEqual(undisturbed)
  rmSync(state, { recursive: true, force: true })
})

/** RAW tells apart each version of a staged object; what they hold is compared. */
function withoutVersions(tables: Tables): Tables {
  const raw = (rows: readonly string[]) => [
    ...new Set(rows.map((row) => /\["md5","(\w+)"\]/.exec(row)?.[1] ?? row)),
  ]
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, name === 'anilist_raw.list' ? raw(rows) : rows]),
  )
}
