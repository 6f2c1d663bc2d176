import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { realClock } from '../../simulator/clock.ts'
import { standardQuota } from '../../simulator/cloud/executions/backlog.ts'
import { changedApiRows, expectApiRow, runApiRow } from './api-run.ts'
import { passes } from './mutations.ts'
import { startRestCloud, type RestCloud } from './rest-cloud.ts'
import { apiTables, type ApiRow } from './tables.ts'

let virtual: RestCloud
let real: RestCloud
beforeAll(async () => {
  virtual = await startRestCloud()
  real = await startRestCloud({ clock: realClock() })
})
afterAll(async () => {
  await virtual.close()
  await real.close()
})

async function withCloud<T>({ clock, quota }: ApiRow, use: (cloud: RestCloud) => Promise<T>): Promise<T> {
  if (quota === undefined) return await use(clock === 'real' ? real : virtual)
  const own = await startRestCloud({
    ...(clock === 'real' ? { clock: realClock() } : {}),
    ...(quota.workflows === undefined ? {} : { workflowQuota: quota.workflows }),
    executionQuota: {
      concurrent: quota.concurrent ?? standardQuota.concurrent,
      backlog: quota.backlog ?? standardQuota.backlog,
    },
  })
  try {
    return await use(own)
  } finally {
    await own.close()
  }
}

for (const { name, rows } of apiTables()) {
  describe(`cases of ${name}`, () => {
    for (const [index, row] of rows.entries()) {
      test(`${index + 1}: ${row.name}`, async () => {
        const project = `${name.replaceAll(/[^a-z]/g, '-')}-${index}`
        const outcome = await withCloud(row, (cloud) => runApiRow(row, cloud, project))
        expectApiRow(row, outcome)
        const changed = changedApiRows(row)
        expect(changed.filter((other) => passes(() => expectApiRow(other, outcome)))).toEqual([])
      })
    }
  })
}
