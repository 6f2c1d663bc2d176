import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal } from './journal.ts'

let dir: string
let path: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-test-'))
  path = join(dir, 'journal.jsonl')
})
afterEach(() => rm(dir, { recursive: true }))

async function entriesOf(): Promise<unknown[]> {
  const { journal, entries } = await Journal.open<unknown>(path)
  await journal.close()
  return entries
}

test('entries come back in order; those of one moment share a write', async () => {
  const { journal } = await Journal.open<number>(path)
  for (let entry = 0; entry < 500; entry += 1) journal.append(entry)
  await journal.settled()
  journal.append(500)
  await journal.close()
  expect(await entriesOf()).toEqual(Array.from({ length: 501 }, (_, index) => index))
})

test('a deferred entry waits for the next one or for whoever wants it settled, and keeps its place', async () => {
  const { journal } = await Journal.open<string>(path)
  journal.defer('one')
  await new Promise((resolve) => setImmediate(resolve))
  expect(await readFile(path, 'utf8')).toBe('')
  journal.append('two')
  await journal.settled()
  journal.defer('three')
  await journal.settled()
  expect(await entriesOf()).toEqual(['one', 'two', 'three'])
  journal.defer('four')
  await journal.close()
  expect(await entriesOf()).toEqual(['one', 'two', 'three', 'four'])
})

test('cut off at any byte, the whole entries before the cut are there, and the journal goes on', async () => {
  const { journal } = await Journal.open<unknown>(path)
  const written = [{ a: 'ä\n' }, [1, 2], 'three']
  written.forEach((entry) => journal.append(entry))
  await journal.close()
  const whole = await readFile(path)
  const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([index]) => index + 1)
  for (let length = 0; length <= whole.length; length += 1) {
    await writeFile(path, whole.subarray(0, length))
    const expected = written.slice(0, ends.filter((end) => end <= length).length)
    const reopened = await Journal.open<unknown>(path)
    expect(reopened.entries).toEqual(expected)
    reopened.journal.append('more')
    await reopened.journal.close()
    expect(await entriesOf()).toEqual([...expected, 'more'])
  }
})

test('damage before the end is not passed over', async () => {
  const { journal } = await Journal.open<string>(path)
  for (const entry of ['one', 'two', 'three']) journal.append(entry)
  await journal.close()
  const bytes = await readFile(path)
  bytes[bytes.indexOf('two')] = 88
  await writeFile(path, bytes)
  await expect(Journal.open(path)).rejects.toThrow(/damaged at byte/)
})

test('rewrite replaces the file', async () => {
  const { journal } = await Journal.open<string>(path)
  journal.append('old')
  await journal.close()
  await Journal.rewrite(path, ['new', 'newer'])
  expect(await entriesOf()).toEqual(['new', 'newer'])
})
