import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCases, runCase } from './testing/cases.ts'

const folder = join(import.meta.dirname, '../../test/cases/warehouse')

describe.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
  const file = readCases(join(folder, name))
  it.each(file.cases)('$id', async (item) => {
    expect(await runCase(item, file.fixtures ?? [])).toEqual({ kind: 'pass' })
  })
})
