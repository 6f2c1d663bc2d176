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
    readings: z.record(z.string(), z.string()).optional(),
    problems: z.array(z.string()).optional(),
    tree: z.record(z.string(), z.unknown()).optional(),
  }),
)

const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))

for (const file of files) {
  const table = cases.parse(parse(readFileSync(new URL(file, folder), 'utf8')))
  describe(`cases of ${file}`, () => {
    test('every case has a name of its own', () => {
      expect(new Set(table.map(({ name }) => name)).size).toBe(table.length)
    })

    test.each(table)('$name', ({ source, readings = {}, problems = [], tree = {} }) => {
      const { document, problems: syntaxProblems } = parseWorkflow(source)
      const buildProblems =
        document === null ? [] : validateWorkflow(document, Buffer.byteLength(source), readings)
      expect([...syntaxProblems, ...buildProblems].map(render)).toEqual(problems)
      const facts = Object.keys(tree).map((path) => [path, factAt(document, path)])
      expect(Object.fromEntries(facts)).toEqual(fact(tree))
      const printed = document && printWorkflow(document)
      const again = printed === null ? null : parseWorkflow(printed).document
      expect(again && printWorkflow(again)).toBe(printed)
    })
  })
}

function render({ position, code, message }: Problem): string {
  return `${position?.line}:${position?.column} ${code}: ${message}`
}

function factAt(node: unknown, path: string): unknown {
  return fact(path.split('.').reduce(member, node))
}

function member(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null
    ? (new Map(Object.entries(node)).get(key) ?? lengthOf(node, key))
    : undefined
}

/** Integers as they stand in the tables: `1n`. */
function fact(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return value.map(fact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fact(item)]))
}

function lengthOf(node: object, key: string): number | undefined {
  return key === 'length' && Array.isArray(node) ? node.length : undefined
}
