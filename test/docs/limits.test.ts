import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serviceLimits } from '../../compiler/check/service-limits.ts'
import { limits } from '../../language/index.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/limits.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

it('docs/limits.md tells of every limit, with its value and what becomes of it, and of no other', () => {
  const known = [...Object.values(limits), ...Object.values(serviceLimits)].map(
    ({ name, value, unit, doc }) =>
      [`[${name}](${doc})`, `${value.toLocaleString('en-US')} ${unit}`] as const,
  )
  const told = rows.flatMap(([, name, value, how]) =>
    name?.startsWith('[') ? [[name, value ?? '', (how ?? '').length > 10] as const] : [],
  )
  const byName = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]) =>
    a[0].localeCompare(b[0])
  expect(told.toSorted(byName)).toEqual(known.toSorted(byName).map(([name, value]) => [name, value, true]))
})
