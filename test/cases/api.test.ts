import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { realClock } from '../../simulator/clock.ts'
import { changedApiRows, expectApiRow, runApiRow } from './api-run.ts'
import { passes } from './mutations.ts'
import { startRestCloud, type RestCloud } from './rest-cloud.ts'
import { apiTables } from './tables.ts'

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

for (const { name, rows } of apiTables()) {
  describe(`cases of ${name}`, () => {
    for (const [index, row] of rows.entries()) {
      test(`${index + 1}: ${row.name}`, async () => {
        const project = `${name.replaceAll(/[^a-z]/g, '-')}-${index}`
        const outcome = await runApiRow(row, row.clock === 'real' ? real : virtual, project)
        expectApiRow(row, outcome)
        const changed = changedApiRows(row)
        expect(changed.filter((other) => passes(() => expectApiRow(other, outcome)))).toEqual([])
      })
    }
  })
}
