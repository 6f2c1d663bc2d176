import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openWarehouse } from './open.ts'

/** Inserts rows in pairs, each pair in one transaction, trains a model after each, and prints a line for every pair that was acknowledged. */
const writer = (dir: string): string => `
  import { createJiti } from 'jiti'
  const { openWarehouse } = await createJiti(import.meta.url).import(${JSON.stringify(join(import.meta.dirname, 'open.ts'))})
  const warehouse = await openWarehouse({ dir: ${JSON.stringify(dir)}, project: 'p', threads: 1 })
  const run = (sql) => warehouse.query({ sql, project: 'p', parameters: [], now: 0 })
  await run('CREATE SCHEMA d')
  await run('CREATE TABLE d.t (n INT64)')
  for (let n = 0; ; n++) {
    await run('BEGIN TRANSACTION; INSERT d.t VALUES (' + n + '); INSERT d.t VALUES (' + n + '); COMMIT TRANSACTION')
    await run("CREATE OR REPLACE MODEL d.m OPTIONS (model_type = 'LINEAR_REG') AS SELECT x, x * " + n + " AS label FROM UNNEST([1, 2, 3]) AS x")
    console.log(n)
  }`

it('a kill -9 loses no acknowledged write and leaves no half of one', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'warehouse-kill-'))
  try {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer(dir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    })
    let acknowledged = -1
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', () => resolve())
      child.stdout.on('data', (data: Buffer) => {
        acknowledged = Number(data.toString().trim().split('\n').at(-1))
        if (acknowledged >= 20) child.kill('SIGKILL')
      })
    })
    const warehouse = await openWarehouse({ dir, project: 'p', threads: 1 })
    const query =
      'SELECT MAX(n), COUNT(*) = 2 * COUNT(DISTINCT n) AND COUNT(DISTINCT n) = MAX(n) + 1 FROM d.t'
    const result = await warehouse.query({ sql: query, project: 'p', parameters: [], now: 0 })
    const [row] = await result.rows.read(0, 1)
    const slope = 'SELECT predicted_label FROM ML.PREDICT(MODEL d.m, (SELECT 1 AS x))'
    const model = await warehouse.query({ sql: slope, project: 'p', parameters: [], now: 0 })
    const trained = Number((await model.rows.read(0, 1))[0]![0])
    await warehouse.close()
    expect(trained).toBeGreaterThanOrEqual(acknowledged - 1e-6)
    expect(trained).toBeCloseTo(Math.round(trained), 6)
    expect(acknowledged).toBeGreaterThanOrEqual(20)
    expect(Number(row?.[0])).toBeGreaterThanOrEqual(acknowledged)
    expect(row?.[1]).toBe('true')
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
