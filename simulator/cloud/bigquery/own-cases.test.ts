import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { onlyReads, readCases } from '../../warehouse/testing/cases.ts'
import { ClientCaseRunner } from './testing/client-cases.ts'

/** Every so many of the cases that simulator/warehouse/own-cases.test.ts runs in process. */
const STEP = 12

const folder = join(import.meta.dirname, '../../../test/cases/warehouse')

/** Tables with rows to show; those of statements alone leave none. */
const tables = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ name, file: readCases(join(folder, name)) }))
  .filter(({ file }) => file.cases.some(onlyReads))

describe.each(tables)("a share of $name through Google's client", ({ file }) => {
  const runner = new ClientCaseRunner(file.fixtures ?? [])
  afterAll(() => runner.close())
  it.each(file.cases.filter(onlyReads).filter((_, i) => i % STEP === 0))('$id', async (item) => {
    expect(await runner.run(item)).toEqual({ kind: 'pass' })
  })
})
