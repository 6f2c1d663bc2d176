import { expect, test } from 'vitest'
import { compileGlob, compileWildcard } from './glob.ts'

test.each([
  ['*.json', 'a.json', true],
  ['*.json', 'dir/a.json', false],
  ['**.json', 'dir/a.json', true],
  ['dir/**/x', 'dir/x', true],
  ['dir/**/x', 'dir/a/b/x', true],
  ['dir/**', 'dir/a/b', true],
  ['dir/*', 'dir/a/b', false],
  ['?.txt', 'a.txt', true],
  ['?.txt', '/.txt', false],
  ['[a-c]x', 'bx', true],
  ['[a-c]x', 'dx', false],
  ['[!a-c]x', 'dx', true],
  ['{a,b/c}.txt', 'b/c.txt', true],
  ['{a,b}.txt', 'c.txt', false],
  ['a.c', 'abc', false],
  [String.raw`\*`, '*', true],
  [String.raw`\*`, 'x', false],
  ['(a|b)', 'a', false],
  ['💥?', '💥x', true],
])('matchGlob %s on %s', (glob, name, expected) => {
  expect(compileGlob(glob).test(name)).toBe(expected)
})

test('a brace that is never closed is refused', () => {
  expect(() => compileGlob('{a,b')).toThrow(/Invalid glob/)
})

test.each([
  ['day/*.csv', 'day/a.csv', true],
  ['day/*.csv', 'day/x/y.csv', true],
  ['day/*', 'day/', true],
  ['day/*.csv', 'day/a.csvx', false],
  ['a.b', 'axb', false],
  ['line*', 'line\u2028break', true],
])('wildcard %s on %s', (pattern, name, expected) => {
  expect(compileWildcard(pattern).test(name)).toBe(expected)
})
