import { expect, test } from 'vitest'
import { HistoryError } from '../history/service.ts'
import { UserError } from '../deploy/user-error.ts'
import { describeFailure } from './failure.ts'

const cases: [string, unknown, RegExp][] = [
  [
    'what, where, how to fix it',
    new UserError('DAG801', 'no such thing\nand another', {
      place: 'dag.config.ts',
      hint: 'add it\nthen deploy',
    }),
    /^DAG801 no such thing\n {7}and another\n {2}at dag\.config\.ts\n {2}fix: add it\n {7}then deploy \(dag explain DAG801\)$/,
  ],
  ["the service's refusal", new HistoryError(403, 'Permission denied'), /^error: Permission denied$/],
  [
    "a client's error",
    Object.assign(new Error('{"error":{"message":"Quota exceeded"}}'), { code: 429 }),
    /^error: Quota exceeded$/,
  ],
  [
    "the operating system's",
    Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: 'EACCES' }),
    /^error: EACCES: permission denied, open '\/x'$/,
  ],
  [
    'a defect of ours, with its stack',
    new TypeError('x is not a function'),
    /^dag: internal error[\s\S]*\n {4}at /,
  ],
]

test.each(cases)('%s', async (_, error, text) => {
  const failure = await describeFailure(error)
  expect(failure.exitCode).toBe(1)
  expect(failure.text).toMatch(text)
})
