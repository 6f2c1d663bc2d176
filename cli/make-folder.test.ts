import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'dagwright-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('makes the folders above it, and leaves one that exists', () => {
  makeFolder(join(folder, 'a/b/c'), 'choose another')
  makeFolder(join(folder, 'a/b/c'), 'choose another')
  expect(existsSync(join(folder, 'a/b/c'))).toBe(true)
})

test('a file in the way is refused', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => makeFolder(join(folder, 'file'), 'choose another')).toThrow('it is a file')
  expect(() => makeFolder(join(folder, 'file/below'), 'choose another')).toThrow('cannot make the folder')
})

test.skipIf(!existsSync('/proc'))(
  'a file system without new folders is refused rather than tried for ever',
  () => {
    expect(() => makeFolder('/proc/dagwright/state', 'choose another')).toThrow('cannot make the folder')
  },
)
