import { expect, test } from 'vitest'
import type { Output } from './command.ts'
import { run } from './program.ts'

async function dag(...argv: string[]) {
  const lines = { out: [] as string[], note: [] as string[] }
  const output: Output = {
    out: (text) => lines.out.push(text),
    note: (text) => lines.note.push(text),
    bytes: () => {},
    terminal: false,
    draw: () => {},
    live: false,
    width: 100,
  }
  const code = await run(argv, output, new AbortController().signal)
  return { code, out: lines.out.join('\n'), note: lines.note.join('\n') }
}

test('help lists every command and exits 0', async () => {
  const { code, out } = await dag('--help')
  expect(code).toBe(0)
  for (const name of [
    'compile',
    'simulate',
    'deploy',
    'trigger',
    'runs',
    'graph',
    'query',
    'emulator',
    'workflow',
    'explain',
  ]) {
    expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
  }
})

test('help of a command shows its options and examples', async () => {
  const { code, out } = await dag('runs', 'show', '--help')
  expect(code).toBe(0)
  expect(out).toContain('--report <file>')
  expect(out).toContain('dag runs show')
})

const mistakes: [string[], RegExp][] = [
  [['simulat'], /unknown command 'simulat'[\s\S]*simulate[\s\S]*fix: see `dag --help`/],
  [['simulate'], /missing required argument 'dag'/],
  [['simulate', 'anilist', '--dat', 'x'], /unknown option '--dat'[\s\S]*--date/],
  [['runs', 'shw'], /unknown command 'shw'[\s\S]*fix: see `dag runs --help`/],
  [['query', 'SELECT 1', '--format', 'xml'], /--format takes table or csv or json or parquet, not xml/],
  [['emulator', '--port', 'many'], /--port takes a whole number/],
  [['emulator', '--port', '70000'], /--port takes a number up to 65535/],
  [['emulator', '--seed', '1.5'], /--seed takes a whole number from 0/],
  [['emulator', '--clock', 'slow'], /--clock takes real or virtual, not slow/],
  [['emulator', '--reading', 'x=y'], /unknown reading 'x'/],
  [['emulator', '--port', '0', '--state', 'package.json'], /cannot make the folder: it is a file/],
  [['workflow', 'check'], /missing required argument 'files'/],
  [['explain', 'DAG000'], /there is no code DAG000[\s\S]*lists all codes/],
  [['workflow', 'run', 'no-such-file.yaml'], /no such file/],
  [['deploy', 'no_such_dag'], /no compiled DAG called no_such_dag/],
]
test.each(mistakes)('dag %j is a user error without a stack trace', async (argv, message) => {
  const { code, out, note } = await dag(...argv)
  expect(code).toBe(1)
  expect(note).toMatch(message)
  expect(note).not.toMatch(/^ +at .*\.[jt]s:\d+:\d+/m)
  expect(out).toBe('')
})

test('explain prints the page of a code', async () => {
  const { code, out } = await dag('explain', 'dag102')
  expect(code).toBe(0)
  expect(out).toContain('# DAG102')
  expect(out).toContain('## Right')
})
