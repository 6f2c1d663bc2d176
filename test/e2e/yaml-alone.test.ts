import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { root, simulate, temporaryFolder } from './cli.ts'
import { dumpTables } from './dump.ts'

test('the YAML alone gives the same tables: no dags/, dsl/ or compiler/', async () => {
  const folder = temporaryFolder()
  const checkout = join(folder.path, 'checkout')
  mkdirSync(checkout)
  const kept = [
    'artifact',
    'cli',
    'deploy',
    'history',
    'language',
    'simulator',
    'steps',
    'samples',
    'generated',
    'dist',
  ]
  for (const name of [...kept, 'package.json', 'dag.config.ts']) {
    cpSync(join(root, name), join(checkout, name), { recursive: true })
  }
  for (const name of ['dist/dags', 'dist/dsl', 'dist/compiler'])
    rmSync(join(checkout, name), { recursive: true, force: true })
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))

  const args = [
    'workflow',
    'run',
    'generated/anilist/workflow.yaml',
    '--date',
    '2026-05-01',
    '--state',
    'alone',
    '--json',
  ]
  const alone = spawnSync(process.execPath, ['dist/cli/main.js', ...args], {
    cwd: checkout,
    encoding: 'utf8',
  })
  expect(alone.status, alone.stderr).toBe(0)

  await simulate(['anilist', '--date', '2026-05-01', '--state', join(folder.path, 'whole')])
  const tables = await dumpTables(join(checkout, 'alone'), ['tru', 'ref', 'dmt'])
  expect(Object.values(tables).flat().length).toBeGreaterThan(100)
  expect(tables).toEqual(await dumpTables(join(folder.path, 'whole'), ['tru', 'ref', 'dmt']))
  folder.remove()
})
