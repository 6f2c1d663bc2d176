import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readCases } from '../../warehouse/testing/cases.ts'
import { ClientCaseRunner } from './testing/client-cases.ts'

const path = join(import.meta.dirname, '../../../../shared/cases/bigquery-sql.yaml')
const present = existsSync(path)
if (!present) console.log(`skipped: ${path} is absent`)

/** What the local warehouse refuses although BigQuery does not. */
const refused = new Set(['select-tablesample'])

describe.skipIf(!present)("bigquery-sql.yaml through Google's client", () => {
  const file = present ? readCases(path) : { cases: [] }
  const runner = new ClientCaseRunner(file.fixtures ?? [])
  const counts = { pass: 0, refused: 0, wrong: 0 }
  afterAll(async () => {
    await runner.close()
    console.log(
      `${counts.pass} passed, ${counts.refused} refused, ${counts.wrong} wrong of ${file.cases.length}`,
    )
  })
  it.each(file.cases)('$id', async (item) => {
    const outcome = await runner.run(item)
    counts[outcome.kind]++
    if (refused.has(item.id)) expect(outcome.kind).toBe('refused')
    else expect(outcome).toEqual({ kind: 'pass' })
  })
  it('at most 5 % of what should succeed is refused', () => {
    const succeeding = file.cases.filter((item) => !item.error).length
    expect(counts.refused).toBeLessThanOrEqual(0.05 * succeeding)
  })
})
