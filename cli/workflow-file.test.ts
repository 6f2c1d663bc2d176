import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEmulator } from '../simulator/emulator.ts'
import type { Output } from './command.ts'
import { run } from './program.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dag-workflow-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, 'sub'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files: Readonly<Record<string, string | Uint8Array>> = {
  'add.yaml': 'main:\n  params: [args]\n  steps:\n    - sum:\n        return: ${args.a + 1}\n',
  'fail.yaml': 'main:\n  steps:\n    - boom:\n        raise: {message: bad, code: 7}\n',
  'nap.yaml':
    'main:\n  steps:\n    - nap:\n        call: sys.sleep\n        args: {seconds: 86400}\n    - done:\n        return: slept\n',
  'nothing.yaml': 'main:\n  steps:\n    - done:\n        assign: [{a: 1}]\n',
  'order.yaml': `main:
  steps:
    - init:
        assign: [{seen: []}]
    - all:
        parallel:
          shared: [seen]
          for:
            value: v
            range: [1, 10]
            steps:
              - note:
                  assign: [{seen: "\${list.concat(seen, v)}"}]
    - done:
        return: \${seen}
`,
  'two.yaml': 'main:\n  steps:\n    - a:\n        return: ${x}\n    - b:\n        next: nowhere\n',
  'syntax.yaml': 'main:\n  steps: [\n',
  'empty.yaml': '',
  'blank.yaml': '\n\n',
  'binary.yaml': new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
  'zeros.yaml': new Uint8Array(64),
  'argument.json': '{"a": 9007199254740993}',
  'broken.json': '{"a": ',
}

async function dag(...argv: string[]) {
  const lines = { out: [] as string[], note: [] as string[] }
  const output: Output = {
    out: (text) => lines.out.push(text),
    note: (text) => lines.note.push(text),
    draw: () => {},
    bytes: () => {},
    terminal: false,
    live: false,
    width: 100,
  }
  const paths = argv.map((word) =>
    word.startsWith('@')
      ? `@${join(folder, word.slice(1))}`
      : word in files || word === 'sub'
        ? join(folder, word)
        : word,
  )
  const code = await run(paths, output, new AbortController().signal)
  return { code, out: lines.out.join('\n'), note: lines.note.join('\n').replaceAll(`${folder}/`, '') }
}

const state = () => ['--state', join(folder, 'state')]

describe('dag workflow run', () => {
  test.each([
    [['add.yaml', '--data', '{"a": 1}'], 0, '2', ''],
    [['add.yaml', '--data', '@argument.json'], 0, '9007199254740994', ''],
    [['nap.yaml'], 0, '"slept"', ''],
    [['nothing.yaml'], 0, 'null', ''],
    [
      ['fail.yaml'],
      2,
      '',
      'FAILED: RuntimeError: {"message":"bad","code":7}\nin step "boom", routine "main", line: 3',
    ],
  ])('%j', async (argv, code, out, note) => {
    expect(await dag('workflow', 'run', ...argv, ...state())).toEqual({ code, out, note })
  })

  test('--json prints the execution as the API gives it', async () => {
    const { code, out } = await dag('workflow', 'run', 'add.yaml', '--data', '{"a":1}', '--json', ...state())
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      name: expect.stringMatching(
        /^projects\/local-project\/locations\/us-central1\/workflows\/add\/executions\/[0-9a-f-]{36}$/,
      ) as string,
      createTime: expect.any(String) as string,
      startTime: expect.any(String) as string,
      endTime: expect.any(String) as string,
      duration: expect.stringMatching(/^[\d.]+s$/) as string,
      state: 'SUCCEEDED',
      argument: '{"a":1}',
      result: '2',
      workflowRevisionId: expect.stringMatching(/^\d{6}-[0-9a-f]{3}$/) as string,
      callLogLevel: 'LOG_ERRORS_ONLY',
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
      labels: {},
      status: { currentSteps: [{ routine: 'main', step: 'sum' }] },
    })
    const failed = await dag('workflow', 'run', 'fail.yaml', '--json', ...state())
    expect(failed.code).toBe(2)
    expect(JSON.parse(failed.out)).toMatchObject({
      state: 'FAILED',
      error: {
        payload: '{"message":"bad","code":7}',
        context: expect.stringContaining('in step "boom", routine "main", line: 3') as string,
        stackTrace: { elements: [{ step: 'boom', routine: 'main', position: { line: '3' } }] },
      },
    })
  })

  test('a seed decides the order of branches', async () => {
    const order = async (seed: string) =>
      (await dag('workflow', 'run', 'order.yaml', '--seed', seed, ...state())).out
    const seeds = await order('3')
    expect(await order('3')).toBe(seeds)
    const others = new Set<string>()
    for (const seed of ['4', '5', '6', '7']) others.add(await order(seed))
    expect(others.size).toBeGreaterThan(1)
  })

  test('several at once on one state folder wait for each other', async () => {
    const runs = await Promise.all(
      ['1', '2', '3', '4'].map((a) => dag('workflow', 'run', 'add.yaml', '--data', `{"a":${a}}`, ...state())),
    )
    expect(runs.map(({ out }) => out)).toEqual(['2', '3', '4', '5'])
  })

  test('uses an emulator that runs already, which decides clock and seed', async () => {
    const emulator = await startEmulator({
      stateDir: join(folder, 'held'),
      project: 'local-project',
      location: 'us-central1',
      images: {},
    })
    const held = ['--state', join(folder, 'held')]
    expect(await dag('workflow', 'run', 'add.yaml', '--data', '{"a":1}', ...held)).toMatchObject({ out: '2' })
    expect(await dag('workflow', 'run', 'add.yaml', '--seed', '1', ...held)).toMatchObject({
      code: 1,
      note: expect.stringContaining(`an emulator at ${emulator.url} holds this state folder`) as string,
    })
    await emulator.close()
  })

  test.each([
    [
      ['no-such.yaml'],
      /^DAG604 there is no such file\n {2}at no-such\.yaml\n {2}fix: give the name of a YAML or JSON file \(dag explain DAG604\)$/,
    ],
    [['sub'], /^DAG604 is a folder, not a file\n {2}at sub\n/],
    [['binary.yaml'], /^DAG604 is not text in UTF-8\n {2}at binary\.yaml/],
    [['zeros.yaml'], /^zeros\.yaml:1:1: /],
    [['empty.yaml'], /^empty\.yaml:(1:1:)? /],
    [['blank.yaml'], /^blank\.yaml:/],
    [['syntax.yaml'], /^syntax\.yaml:\d+:\d+: /],
    [['two.yaml'], /^two\.yaml:4:\d+: .*'x'.*\ntwo\.yaml:5:\d+: .*nowhere/],
    [['add.yaml', '--data', '{a: 1}'], /^DAG603 --data is not JSON/],
    [['add.yaml', '--data', ''], /^DAG603 --data is not JSON/],
    [['add.yaml', '--data', '@broken.json'], /^DAG603 --data is not JSON/],
    [['add.yaml', '--data', '@none.json'], /^DAG604 there is no such file\n {2}at none\.json/],
    [['add.yaml', '--clock', 'fast'], /--clock takes real or virtual, not fast/],
    [['add.yaml', '--seed', '-1'], /--seed takes a whole number from 0/],
    [['add.yaml', '--reading', 'mainDepth=deep'], /reading mainDepth is one of free, counted/],
    [['add.yaml', '--reading', 'nope=1'], /unknown reading 'nope'/],
    [['add.yaml', '--date', '2026-01-01'], /--date needs a compiled DAG/],
    [['-', '--data', '-'], /cannot both be the standard input/],
    [['add.yaml', '--data', `"${'x'.repeat(32 * 1024)}"`], /argument is longer than 32768 bytes/],
    [[], /missing required argument 'file'/],
  ])('refuses %j', async (argv, message) => {
    const { code, out, note } = await dag('workflow', 'run', ...argv, ...state())
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(note).toMatch(message)
    expect(note).toMatch(/^DAG6\d\d /m)
    expect(note).not.toMatch(/^ +at .*\.[jt]s:\d+:\d+/m)
  })
})

describe('dag workflow check', () => {
  test('finds nothing in what can be deployed', async () => {
    expect(await dag('workflow', 'check', 'add.yaml', 'fail.yaml')).toEqual({
      code: 0,
      out: '',
      note: '2 files, no problems',
    })
  })

  test('lists all problems of all files', async () => {
    const { code, out, note } = await dag(
      'workflow',
      'check',
      'two.yaml',
      'none.yaml',
      'add.yaml',
      'syntax.yaml',
      'sub',
    )
    expect(code).toBe(1)
    expect(note).toMatch(/^DAG610 5 files, 5 problems\n {2}fix: /)
    expect(
      out
        .replaceAll(`${folder}/`, '')
        .split('\n')
        .map((line) => line.split(' ', 1)[0]),
    ).toEqual([
      expect.stringMatching(/^two\.yaml:4:\d+:$/),
      expect.stringMatching(/^two\.yaml:5:\d+:$/),
      'none.yaml:',
      expect.stringMatching(/^syntax\.yaml:\d+:\d+:$/),
      'sub:',
    ])
  })

  test('--json', async () => {
    const { code, out } = await dag('workflow', 'check', '--json', 'two.yaml', 'add.yaml')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      files: [
        { file: join(folder, 'two.yaml'), problems: [{ code: 'unknown-symbol', line: 4 }, { line: 5 }] },
        { file: join(folder, 'add.yaml'), problems: [] },
      ],
    })
  })
})
