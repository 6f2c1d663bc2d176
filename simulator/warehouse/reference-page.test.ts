import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format } from 'prettier'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWarehouse } from './open.ts'
import { referencePage } from './testing/reference-page.ts'
import { refusals } from './testing/reference-refusals.ts'
import type { Warehouse } from './warehouse.ts'

/** `UPDATE_GOLDEN=1` writes the page anew. */
const update = process.env['UPDATE_GOLDEN'] === '1'
if (update && process.env['CI']) throw new Error('UPDATE_GOLDEN is refused where CI is set')

const path = join(import.meta.dirname, '../../docs/local-bigquery.md')
const dir = mkdtempSync(join(tmpdir(), 'warehouse-page-'))
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openWarehouse({ dir, project: 'p' })
})
afterAll(async () => {
  await warehouse.close()
  rmSync(dir, { recursive: true })
})

it('docs/local-bigquery.md says what the tables say', async () => {
  const page = await format(referencePage(), { parser: 'markdown', printWidth: 110 })
  if (update) writeFileSync(path, page)
  expect(readFileSync(path, 'utf8')).toBe(page)
})

it.each(refusals)('$what: refused', async ({ sql }) => {
  const answer = warehouse.query({ sql, project: 'p', parameters: [], now: 0 })
  await expect(answer).rejects.toThrow(/^Unsupported in the local warehouse: .* at \d+:\d+$/)
})
