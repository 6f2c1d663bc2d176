import { describe, expect, test } from 'vitest'
import { build, expectLanguageRow, LANGUAGE_EXPECTATIONS } from '../test/cases/language-run.ts'
import { essence } from '../test/cases/language/essence.ts'
import { mutations, passes } from '../test/cases/mutations.ts'
import { languageTables } from '../test/cases/tables.ts'
import { printWorkflow } from './print.ts'

for (const { name, rows } of languageTables()) {
  describe(`cases of ${name}`, () => {
    test('every case has a name of its own', () => {
      expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length)
    })

    test.each(rows)('$name', (row) => {
      const outcome = build(row)
      expectLanguageRow(row, outcome)
      const changed = mutations(row, LANGUAGE_EXPECTATIONS)
      expect(changed.filter((other) => passes(() => expectLanguageRow(other, outcome)))).toEqual([])
      if (outcome.document === null) return
      const printed = printWorkflow(outcome.document)
      const again = build(row, printed)
      expect(essence(again.document)).toEqual(essence(outcome.document))
      expect(again.document && printWorkflow(again.document)).toBe(printed)
      // Printing changes places, nothing else.
      expect(again.problems.map(({ message }) => message)).toEqual(
        outcome.problems.map(({ message }) => message),
      )
    })
  })
}
