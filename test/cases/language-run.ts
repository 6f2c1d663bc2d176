import { expect } from 'vitest'
import { parseWorkflow, validateWorkflow } from '../../language/index.ts'
import type { Problem, WorkflowDocument } from '../../language/index.ts'
import type { LanguageRow } from './tables.ts'

/** What a row of test/cases/language came to. */
export interface LanguageOutcome {
  readonly document: WorkflowDocument | null
  readonly problems: readonly Problem[]
}

/** The keys of a row that state what comes out. */
export const LANGUAGE_EXPECTATIONS = ['problems', 'tree']

export function build({ source, readings = {} }: LanguageRow, text = source): LanguageOutcome {
  const { document, problems } = parseWorkflow(text)
  const invalid = document === null ? [] : validateWorkflow(document, Buffer.byteLength(text), readings)
  return { document, problems: [...problems, ...invalid] }
}

/** Throws where the outcome is not what the row says. */
export function expectLanguageRow({ problems, tree = {} }: LanguageRow, outcome: LanguageOutcome): void {
  expect(outcome.problems.map(render)).toEqual(problems)
  const facts = Object.keys(tree).map((path) => [path, factAt(outcome.document, path)])
  expect(Object.fromEntries(facts)).toEqual(fact(tree))
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
