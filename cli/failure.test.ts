import { expect, test } from 'vitest'
import { HistoryError } from '../history/service.ts'
import { StateInUseError } from '../simulator/emulator.ts'
import { UserError } from '../deploy/user-error.ts'
import { describeFailure } from './failure.ts'

/** As Node throws it. */
function systemError(
  code: string,
  facts: Partial<NodeJS.ErrnoException> & { readonly address?: string; readonly port?: number },
): Error {
  return Object.assign(new Error(`${code}: said the system`), { code, ...facts })
}

const cases: [string, unknown, RegExp][] = [
  [
    'what, where, how to fix it',
    new UserError('DAG801', 'no such thing\nand another', {
      place: 'dag.config.ts',
      hint: 'add it\nthen deploy',
    }),
    /^DAG801 no such thing\n {7}and another\n {2}at dag\.config\.ts\n {2}fix: add it\n {7}then deploy \(dag explain DAG801\)$/,
  ],
  [
    "the service's refusal",
    new HistoryError(403, 'Permission denied'),
    /^DAG805 Permission denied\n {2}fix: the account needs a role .* \(dag explain DAG805\)$/,
  ],
  [
    'a service that does not answer',
    new HistoryError(0, 'cannot reach http://x'),
    /^DAG805 cannot .*\n {2}fix: see whether/,
  ],
  [
    "a client's error",
    Object.assign(new Error('{"error":{"message":"Quota exceeded"}}'), { code: 429 }),
    /^DAG805 Quota exceeded\n {2}fix: wait a minute/,
  ],
  [
    "another emulator's folder",
    new StateInUseError('.dag', { pid: 7, port: 1, url: 'http://127.0.0.1:1' }),
    /^DAG606 The state folder \.dag is in use by the emulator with pid 7 .*\n {2}fix: talk to that one/,
  ],
  [
    'a file that is closed',
    systemError('EACCES', { path: '/x', syscall: 'open' }),
    /^DAG604 this user may not use the file\n {2}at \/x\n {2}fix: /,
  ],
  [
    'no file',
    systemError('ENOENT', { path: '/x', syscall: 'open' }),
    /^DAG604 there is no such file or folder\n {2}at \/x\n {2}fix: /,
  ],
  [
    'no command',
    systemError('ENOENT', { path: 'podman', syscall: 'spawn podman' }),
    /^DAG604 there is no such command\n {2}at podman\n {2}fix: install it/,
  ],
  [
    'a port in use',
    systemError('EADDRINUSE', { address: '127.0.0.1', port: 80, syscall: 'listen' }),
    /^DAG606 another process .*\n {2}at 127\.0\.0\.1:80\n {2}fix: /,
  ],
  [
    'a port that is not for everybody',
    systemError('EACCES', { address: '127.0.0.1', port: 80, syscall: 'listen' }),
    /^DAG606 this user may not listen/,
  ],
  [
    'a full disk',
    systemError('ENOSPC', { path: '.dag/storage/x', syscall: 'write' }),
    /^DAG609 the disk is full\n {2}at \.dag\/storage\/x\n {2}fix: make room/,
  ],
  [
    'a network that is down',
    systemError('ENOTFOUND', {}),
    /^DAG805 the name of the host is unknown\n {2}fix: /,
  ],
  [
    'anything else that the system refuses',
    systemError('EXDEV', {}),
    /^DAG609 EXDEV: said the system\n {2}fix: /,
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
