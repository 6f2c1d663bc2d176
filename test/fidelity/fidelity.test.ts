import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { describe, expect, test } from 'vitest'
import { limits } from '../../language/limits.ts'
import { connectorNames } from '../../simulator/connectors/index.ts'
import { LIMITS } from '../../simulator/engine/limits.ts'
import { READINGS, type Readings } from '../../simulator/engine/readings.ts'
import { standardFunctionNames } from '../../simulator/stdlib/index.ts'
import { DECISIONS } from './decisions.ts'
import { AREAS } from './features/index.ts'
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
const features = AREAS.flatMap((area) => area.features)
const subjects = features.flatMap(({ subject }) => subject ?? [])

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

describe('features', () => {
  test('every row has one case', () => {
    const unproved = features.filter(({ case: proof }) => known.get(proof) !== 1)
    expect(unproved.map(({ case: proof }) => proof)).toEqual([])
  })

  test('what is not the same says what differs', () => {
    expect(features.filter(({ behaves, note }) => (behaves === 'same') !== (note === ''))).toEqual([])
  })

  test('no feature stands twice, every page is one of the documentation', () => {
    const names = features.map(({ feature, page: at }) => `${feature} ${at}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(features.filter(({ page: at }) => !at.startsWith('https://cloud.google.com/workflows/'))).toEqual(
      [],
    )
  })

  const owed = [
    ...standardFunctionNames().map((name) => `function ${name}`),
    ...TAGS.map((tag) => `tag ${tag}`),
    ...new Set([...Object.keys(limits), ...Object.keys(LIMITS)].map((name) => `limit ${name}`)),
  ]

  test.each(owed)('%s has a row', (subject) => {
    expect(subjects.filter((one) => one === subject)).toEqual([subject])
  })

  test('every connector stands under a row, every row stands for something', () => {
    const prefixes = subjects.flatMap((subject) =>
      subject.startsWith('connectors ') ? [`googleapis.${subject.slice('connectors '.length)}.`] : [],
    )
    expect(connectorNames.filter((name) => !prefixes.some((prefix) => name.startsWith(prefix)))).toEqual([])
    expect(prefixes.filter((prefix) => !connectorNames.some((name) => name.startsWith(prefix)))).toEqual([])
    const others = subjects.filter((subject) => !subject.startsWith('connectors '))
    expect(others.filter((subject) => !owed.includes(subject))).toEqual([])
  })
})

test.each(TAGS)('tag %s is named by a case', (tag) => {
  expect(all.filter(({ expected }) => expected.includes(tag))).not.toEqual([])
})

test('docs/fidelity.md is what the registry says (UPDATE_FIDELITY=1 writes it)', async () => {
  const options = await resolveConfig(page)
  const text = await format(fidelityPage(all), { ...options, parser: 'markdown' })
  if (process.env['UPDATE_FIDELITY'] === '1') writeFileSync(page, text)
  expect(readFileSync(page, 'utf8')).toBe(text)
})
