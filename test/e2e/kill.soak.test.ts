import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manifestSchema } from '../../artifact/manifest.ts'
import { root, simulate, startDag, temporaryFolder } from './cli.ts'
import { dumpTables, type Tables, versionsApart } from './dump.ts'

/** A run killed at any of its tasks and started again leaves the tables that an undisturbed run leaves. */
const { tasks } = manifestSchema.parse(
  JSON.parse(readFileSync(join(root, 'generated/anilist/manifest.json'), 'utf8')),
)
const args = ['simulate', 'anilist', '--date', '2026-05-01']
const layers = ['raw', 'tru', 'ref', 'dmt']
const folder = temporaryFolder()
let undisturbed: Tables

beforeAll(async () => {
  await simulate([...args.slice(1), '--state', folder.path])
  undisturbed = versionsApart(await dumpTables(folder.path, layers))
})

afterAll(() => {
  folder.remove()
})

test.each(tasks.map(({ id }) => id))('killed at %s', async (task) => {
  const state = `${folder.path}-${task}`
  const dying = startDag([...args, '--state', state])
  await dying.printed(`${task} `)
  process.kill(-dying.pid, 'SIGKILL')
  await dying.finished
  expect(existsSync(state)).toBe(true)
  await simulate([...args.slice(1), '--state', state])
  expect(versionsApart(await dumpTables(state, layers))).toEqual(undisturbed)
  rmSync(state, { recursive: true, force: true })
})
