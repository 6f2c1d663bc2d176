import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Catalog } from './catalog.ts'
import type { ObjectVersion } from './model.ts'

let dir: string
let path: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'catalog-test-'))
  path = join(dir, 'journal.jsonl')
})
afterEach(() => rm(dir, { recursive: true }))

function version(name: string, generation: number): ObjectVersion {
  const times = { createdAt: 0, updatedAt: 0 }
  const content = { sha256: 's', size: 0, crc32c: 'c' }
  return { bucket: 'b', name, generation, metageneration: 1, attributes: {}, ...content, ...times }
}

test('a journal that is mostly history shrinks on opening and loses nothing', async () => {
  const before = await Catalog.open(path)
  const times = { createdAt: 0, updatedAt: 0 }
  before.commit([{ kind: 'bucket', bucket: { name: 'b', metageneration: 1, settings: {}, ...times } }])
  for (let count = 0; count < 1500; count += 1) {
    const object = version(`n${count % 5}`, before.nextGeneration(0))
    const live = before.find('b', object.name)
    const { bucket, name } = object
    before.commit([
      ...(live === undefined
        ? []
        : [{ kind: 'object_deleted', bucket, name, generation: live.generation } as const]),
      { kind: 'object', object },
    ])
  }
  const last = before.find('b', 'n4')!
  before.commit([{ kind: 'object_deleted', bucket: 'b', name: 'n4', generation: last.generation }])
  await before.close()
  const long = (await readFile(path)).length
  const after = await Catalog.open(path)
  expect((await readFile(path)).length).toBeLessThan(long / 100)
  expect(after.names('b')).toEqual(['n0', 'n1', 'n2', 'n3'])
  expect(after.versions('b', 'n3')).toEqual(before.versions('b', 'n3'))
  // Not even a generation of what is deleted comes again.
  expect(after.nextGeneration(0)).toBe(last.generation + 1)
  await after.close()
})

test('generations follow the clock and never go back', async () => {
  const catalog = await Catalog.open(path)
  const at = Date.parse('2026-03-09T09:00:00Z')
  expect(catalog.nextGeneration(at)).toBe(1773046800000000)
  expect(catalog.nextGeneration(at)).toBe(1773046800000001)
  expect(catalog.nextGeneration(at - 1000)).toBe(1773046800000002)
  expect(catalog.nextGeneration(at + 1)).toBe(1773046800001000)
  await catalog.close()
})
