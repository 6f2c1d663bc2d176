import { expect, test } from 'vitest'
import { randomIds, seededIds } from './ids.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('ids of one parent do not depend on those of another', () => {
  const [one, two] = [seededIds(1), seededIds(1)]
  const alone = [one.uuid('a'), one.uuid('a')]
  const among = [two.uuid('b'), two.uuid('a'), two.hex('b', 3), two.uuid('a')]
  expect([among[1], among[3]]).toEqual(alone)
  expect(new Set([...alone, among[0], seededIds(2).uuid('a')]).size).toBe(4)
})

test.each([
  ['random', randomIds],
  ['seeded', seededIds(3)],
])('%s ids have the form of UUIDs, hexadecimal digits their length', (_, ids) => {
  const uuids = Array.from({ length: 100 }, () => ids.uuid('parent'))
  expect(uuids.filter((id) => !UUID.test(id))).toEqual([])
  expect(new Set(uuids).size).toBe(100)
  expect(ids.hex('parent', 3)).toMatch(/^[0-9a-f]{3}$/)
})
