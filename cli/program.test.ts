import { expect, test } from 'vitest'
import type { Output } from './command.ts'
import { commands } from './commands/index.ts'
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
    'lineage',
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
  [['simulat'], /^DAG611 unknown command 'simulat'\n {2}fix: did you mean simulate\? see `dag --help` \(/],
  [['simulate'], /^DAG611 missing required argument 'dag'\n {2}fix: see `dag simulate --help` \(/],
  [
    ['simulate', 'anilist', '--dat', 'x'],
    /^DAG611 unknown option '--dat'\n {2}fix: did you mean --date\? see `dag simulate --help` \(/,
  ],
  [['simulate', 'anilist', '--date'], /^DAG611 option '--date <date>' argument missing\n/],
  [['simulate', 'anilist', 'shop'], /^DAG611 too many arguments .*\n/],
  [['--nothing'], /^DAG611 unknown option '--nothing'\n {2}fix: see `dag --help` \(/],
  [['runs', 'shw'], /^DAG611 unknown command 'shw'\n {2}fix: did you mean show\? see `dag runs --help` \(/],
  [['runs', '--all'], /^DAG611 unknown option '--all'\n {2}fix: see `dag runs --help` \(/],
  [['query', 'SELECT 1', '--format', 'xml'], /--format takes table or csv or json or parquet, not xml/],
  [['emulator', '--port', 'many'], /--port takes a whole number/],
  [['emulator', '--port', '70000'], /--port takes a number up to 65535/],
  [['emulator', '--seed', '1.5'], /--seed takes a whole number from 0/],
  [['emulator', '--clock', 'slow'], /--clock takes real or virtual, not slow/],
  [['emulator', '--reading', 'x=y'], /unknown reading 'x'/],
  [['emulator', '--port', '0', '--state', 'package.json'], /cannot make the folder: it is a file/],
  [['workflow', 'check'], /^DAG611 missing required argument 'files'/],
  [['explain', 'DAG000'], /there is no code DAG000[\s\S]*lists all codes/],
  [['workflow', 'run', 'no-such-file.yaml'], /no such file/],
  [['deploy', 'no_such_dag'], /no compiled DAG called no_such_dag/],
]
test.each(mistakes)('dag %j is a user error without a stack trace', async (argv, message) => {
  const { code, out, note } = await dag(...argv)
  expect(code).toBe(1)
  expect(note).toMatch(message)
  expect(note).toMatch(/^DAG\d{3} .*\n([\s\S]*\n)? {2}fix: /)
  expect(note).not.toMatch(/^ +at .*\.[jt]s:\d+:\d+/m)
  expect(out).toBe('')
})

test.each(commands.map(({ name }) => name))(
  'dag %s tells of an option that it does not have',
  async (name) => {
    const { code, out, note } = await dag(...name.split(' '), '--no-such-option')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(note).toMatch(
      new RegExp(`^DAG611 unknown option '--no-such-option'\\n {2}fix: .*see \`dag ${name} --help\``),
    )
  },
)

test('explain prints the page of a code', async () => {
  const { code, out } = await dag('explain', 'dag102')
  expect(code).toBe(0)
  expect(out).toContain('# DAG102')
  expect(out).toContain('## Right')
})
