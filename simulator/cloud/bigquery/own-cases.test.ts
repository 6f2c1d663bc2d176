import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { onlyReads, readCases } from '../../warehouse/testing/cases.ts'
import { ClientCaseRunner } from './testing/client-cases.ts'

/** Every so many of the cases that simulator/warehouse/own-cases.test.ts runs in process. */
const STEP = 12

const folder = join(import.meta.dirname, '../../../test/cases/warehouse')

describe.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))(
  "a share of %s through Google's client",
  (name) => {
    const file = readCases(join(folder, name))
    const runner = new ClientCaseRunner(file.fixtures ?? [])
    afterAll(() => runner.close())
    it.each(file.cases.filter(onlyReads).filter((_, i) => i % STEP === 0))('$id', async (item) => {
      expect(await runner.run(item)).toEqual({ kind: 'pass' })
    })
  },
)
