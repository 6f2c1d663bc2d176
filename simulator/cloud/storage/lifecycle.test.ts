import { expect, test } from 'vitest'
import { dueAction, readLifecycle } from './lifecycle.ts'
import type { ObjectVersion } from './model.ts'

const day = 86_400_000
const now = Date.parse('2026-03-09T00:00:00Z')

function version(changes: Partial<ObjectVersion> = {}): ObjectVersion {
  return {
    bucket: 'b',
    name: 'raw/x.csv',
    generation: 2,
    metageneration: 1,
    sha256: '',
    size: 0,
    crc32c: '',
    attributes: { storageClass: 'STANDARD' },
    createdAt: now - 10 * day,
    updatedAt: now - 10 * day,
    ...changes,
  }
}

const noncurrent = version({ noncurrentAt: now - 3 * day })
const custom = version({ attributes: { customTime: '2026-03-01T00:00:00Z' } })

test.each([
  [{ age: 10 }, version(), true],
  [{ age: 11 }, version(), false],
  [{ age: 0, isLive: false }, version(), false],
  [{ isLive: true }, version(), true],
  [{ createdBefore: '2026-03-01' }, version(), true],
  [{ createdBefore: '2026-02-01' }, version(), false],
  [{ daysSinceNoncurrentTime: 3 }, noncurrent, true],
  [{ daysSinceNoncurrentTime: 4 }, noncurrent, false],
  [{ daysSinceNoncurrentTime: 0 }, version(), false],
  [{ noncurrentTimeBefore: '2026-03-08' }, noncurrent, true],
  [{ noncurrentTimeBefore: '2026-03-01' }, noncurrent, false],
  [{ daysSinceCustomTime: 8 }, custom, true],
  [{ daysSinceCustomTime: 8 }, version(), false],
  [{ customTimeBefore: '2026-03-02' }, custom, true],
  [{ matchesPrefix: ['tmp/', 'raw/'] }, version(), true],
  [{ matchesPrefix: ['tmp/'] }, version(), false],
  [{ matchesSuffix: ['.csv'] }, version(), true],
  [{ matchesSuffix: ['.csv'], age: 11 }, version(), false],
  [{ matchesStorageClass: ['NEARLINE'] }, version(), false],
  [{ numNewerVersions: 1 }, version(), true],
  [{ numNewerVersions: 2 }, version(), false],
])('%j', (condition, subject, due) => {
  const rules = readLifecycle({ rule: [{ action: { type: 'Delete' }, condition }] })
  const versions = [version({ generation: 1 }), subject, version({ generation: 3 })]
  expect(dueAction(rules, versions, subject, now) !== null).toBe(due)
})

test('deletion goes before a change of class, and a change to the same class is none', () => {
  const condition = { age: 1 }
  const nearline = { action: { type: 'SetStorageClass', storageClass: 'NEARLINE' }, condition }
  const rules = readLifecycle({ rule: [nearline] })
  expect(dueAction(rules, [], version(), now)).toEqual(nearline.action)
  expect(dueAction(rules, [], version({ attributes: { storageClass: 'NEARLINE' } }), now)).toBeNull()
  const both = readLifecycle({ rule: [nearline, { action: { type: 'Delete' }, condition }] })
  expect(dueAction(both, [], version(), now)).toEqual({ type: 'Delete' })
})

test.each([
  [{ rule: {} }],
  [{ rule: [{ action: { type: 'Explode' }, condition: { age: 1 } }] }],
  [{ rule: [{ action: { type: 'Delete' } }] }],
  [{ rule: [{ action: { type: 'Delete' }, condition: {} }] }],
  [{ rule: [{ action: { type: 'Delete' }, condition: { age: 'old' } }] }],
  [{ rule: [{ action: { type: 'Delete' }, condition: { size: 1 } }] }],
])('refused: %j', (lifecycle) => {
  expect(() => readLifecycle(lifecycle)).toThrow(/lifecycle/)
})
