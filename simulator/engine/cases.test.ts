import { describe, expect, test } from 'vitest'
import { parseWorkflow, printWorkflow } from '../../language/index.ts'
import {
  ENGINE_EXPECTATIONS,
  expectEngineRow,
  runInProcess,
  sourceOf,
  type EngineOutcome,
} from '../../test/cases/engine-run.ts'
import { mutations, passes } from '../../test/cases/mutations.ts'
import { engineTables, type EngineRow } from '../../test/cases/tables.ts'

for (const { name, rows } of engineTables()) {
  describe(`cases of ${name}`, () => {
    for (const [index, row] of rows.entries()) {
      test(`${index + 1}: ${row.name ?? row.expr ?? ''}`, async () => {
        const outcome = await runInProcess(row)
        expectEngineRow(row, outcome)
        const changed = mutations(row, ENGINE_EXPECTATIONS)
        expect(changed).not.toEqual([])
        expect(changed.filter((other) => passes(() => expectEngineRow(other, outcome)))).toEqual([])
        if (outcome.refused === null) await expectSamePrinted(row, outcome)
      })
    }
  })
}

/** Printing a source and parsing it again changes nothing but the places in it. */
async function expectSamePrinted(row: EngineRow, outcome: EngineOutcome): Promise<void> {
  const { document } = parseWorkflow(sourceOf(row))
  const printed = document === null ? '' : printWorkflow(document)
  expect(placeless(await runInProcess(row, printed))).toEqual(placeless(outcome))
}

function placeless(outcome: EngineOutcome): unknown {
  if (outcome.refused !== null) return outcome
  const { result, error, logs, seconds, steps, entries } = outcome
  const shown = [result, error?.payload, error?.context, logs, seconds, steps]
  const text = JSON.stringify([...shown, entries, entries > 1000 ? [] : outcome.history()])
  return JSON.parse(text.replaceAll(/line: \d+/g, 'line: n')) as unknown
}
