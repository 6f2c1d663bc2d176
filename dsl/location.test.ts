import { expect, it } from 'vitest'
import { firstLocation } from './location.ts'

it.each([
  ['    at build (/home/x/dags/shop/dag.ts:12:3)', { file: '/home/x/dags/shop/dag.ts', line: 12, column: 3 }],
  ['    at /home/x/dags/shop/dag.ts:12:3', { file: '/home/x/dags/shop/dag.ts', line: 12, column: 3 }],
  ['    at async file:///home/a%20b/dag.ts:7:1', { file: '/home/a b/dag.ts', line: 7, column: 1 }],
  ['    at String.concat (<anonymous>)', null],
  ['    at node:internal/modules/run_main:1:1', null],
  ['    at parse (/home/x/node_modules/zod/index.js:1:1)', null],
])('reads %s', (frame, location) => {
  expect(firstLocation(`Error\n${frame}`)).toEqual(location)
})
