import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseWorkflow } from './parse.ts'
import { printWorkflow } from './print.ts'
import type { Problem } from './problem.ts'
import { validateWorkflow } from './validate.ts'

const folder = new URL('../test/cases/language/', import.meta.url)
const cases = z.array(
  z.strictObject({
    name: z.string(),
    page: z.string().optional(),
    source: z.string(),
    problems: z.array(z.string()).optional(),
    tree: z.record(z.string(), z.unknown()).optional(),
  }),
)

for (const file of readdirSync(folder).toSorted()) {
  const table = cases.parse(parse(readFileSync(new URL(file, folder), 'utf8')))
  describe(file, () => {
    test('every case has a name of its own', () => {
      expect(new Set(table.map(({ name }) => name)).size).toBe(table.length)
    })

    test.each(table)('$name', ({ source, problems = [], tree = {} }) => {
      const { document, problems: syntaxProblems } = parseWorkflow(source)
      const buildProblems = document === null ? [] : validateWorkflow(document, Buffer.byteLength(source))
      expect([...syntaxProblems, ...buildProblems].map(render)).toEqual(problems)
      for (const [path, value] of Object.entries(tree))
        expect(factAt(document, path), path).toEqual(fact(value))
      if (document === null) return
      const printed = printWorkflow(document)
      const again = parseWorkflow(printed)
      expect(again.problems, printed).toEqual([])
      if (again.document !== null) expect(printWorkflow(again.document)).toBe(printed)
    })
  })
}

function render({ position, code, message }: Problem): string {
  return `${position?.line}:${position?.column} ${code}: ${message}`
}

function factAt(node: unknown, path: string): unknown {
  let value = node
  for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key]
  return fact(value)
}

/** Integers as they stand in the tables: `1n`. */
function fact(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return value.map(fact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fact(item)]))
}
