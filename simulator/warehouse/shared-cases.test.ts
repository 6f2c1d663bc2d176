import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCases, runCase } from './testing/cases.ts'

const path = join(import.meta.dirname, '../../../shared/cases/bigquery-sql.yaml')
const present = existsSync(path)
if (!present) console.log(`skipped: ${path} is absent`)

/** What the local warehouse refuses although BigQuery does not. */
const refused = new Set(['select-tablesample', 'select-pipe-syntax'])

describe.skipIf(!present)('bigquery-sql.yaml', () => {
  const file = present ? readCases(path) : { cases: [] }
  it.each(file.cases)('$id', async (item) => {
    const outcome = await runCase(item, file.fixtures ?? [])
    if (refused.has(item.id)) expect(outcome.kind).toBe('refused')
    else expect(outcome).toEqual({ kind: 'pass' })
  })
})
