import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { READINGS, type Readings } from '../../simulator/engine/readings.ts'
import { DECISIONS } from './decisions.ts'
import { casesOf, fidelityPage, namedCases } from './page.ts'

/** https://cloud.google.com/workflows/docs/reference/syntax/error-types */
const TAGS = [
  'AuthError',
  'ConnectionError',
  'ConnectionFailedError',
  'HttpError',
  'IndexError',
  'KeyError',
  'OperationError',
  'ParallelNestingError',
  'RecursionError',
  'ResourceLimitError',
  'ResponseTypeError',
  'SystemError',
  'TimeoutError',
  'TypeError',
  'UnhandledBranchError',
  'ValueError',
  'ZeroDivisionError',
]

const page = new URL('../../docs/fidelity.md', import.meta.url)
const all = namedCases()
const known = new Map<string, number>()
for (const { label } of all) known.set(label, (known.get(label) ?? 0) + 1)

const choices = (Object.keys(READINGS) as (keyof Readings)[]).flatMap((name) =>
  READINGS[name].readings.map((choice) => ({ name, choice })),
)

test.each(choices)('reading $name=$choice has a case', ({ name, choice }) => {
  const proofs = casesOf(name, choice, all)
  expect(proofs).not.toEqual([])
  expect(proofs.filter((label) => !known.has(label))).toEqual([])
})

test.each(DECISIONS)('$question: there is one such case', ({ case: label }) => {
  expect(known.get(label)).toBe(1)
})

test('no case chooses a reading that does not exist', () => {
  const chosen = all.flatMap(({ readings }) => Object.entries(readings))
  const exists = new Set(choices.map(({ name, choice }) => `${name}=${choice}`))
  expect(chosen.map((pair) => pair.join('=')).filter((pair) => !exists.has(pair))).toEqual([])
})

test.each(TAGS)('tag %s has a case', (tag) => {
  expect(all.filter(({ expected }) => expected.includes(tag))).not.toEqual([])
})

test('docs/fidelity.md is what the registry says (UPDATE_FIDELITY=1 writes it)', async () => {
  const options = await resolveConfig(page)
  const text = await format(fidelityPage(all), { ...options, parser: 'markdown' })
  if (process.env['UPDATE_FIDELITY'] === '1') writeFileSync(page, text)
  expect(readFileSync(page, 'utf8')).toBe(text)
})
