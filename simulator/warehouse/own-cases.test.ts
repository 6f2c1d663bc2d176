import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CaseRunner, readCases } from './testing/cases.ts'

const folder = join(import.meta.dirname, '../../test/cases/warehouse')

describe.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
  const file = readCases(join(folder, name))
  const runner = new CaseRunner(file.fixtures ?? [])
  afterAll(() => runner.close())
  it.each(file.cases)('$id', async (item) => {
    expect(await runner.run(item)).toEqual({ kind: 'pass' })
  })
})
