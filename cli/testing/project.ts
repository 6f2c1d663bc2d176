import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Output } from '../command.ts'
import { run } from '../program.ts'

/** A project in a folder of its own, and the command line in it. */
export interface TestProject {
  readonly folder: string
  /** Writes a file and returns its path. */
  readonly file: (name: string, text: string) => string
  /** Runs `dag` in this process. */
  readonly dag: (
    ...args: readonly string[]
  ) => Promise<{ readonly code: number; readonly out: string; readonly note: string }>
  /** The same with another state folder. */
  readonly dagIn: (state: string, ...args: readonly string[]) => ReturnType<TestProject['dag']>
  /** Starts `dag emulator` in this process; resolves, once it listens, with what stops it. */
  readonly emulator: (...args: readonly string[]) => Promise<() => Promise<void>>
  readonly remove: () => void
}

/** Makes a project; until `remove` commands find it as their working directory. */
export function testProject(files: Readonly<Record<string, string>>): TestProject {
  const folder = mkdtempSync(join(tmpdir(), 'dag-project-'))
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  for (const [name, text] of Object.entries(files)) file(name, text)
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  const state = join(folder, '.dag')
  const dagIn: TestProject['dagIn'] = async (at, ...args) => {
    const text = { out: '', note: '' }
    // What works on files alone knows no state.
    const option = ['compile', 'explain', 'graph', 'lineage'].includes(args[0] ?? '') ? [] : ['--state', at]
    const code = await run([...args, ...option], outputTo(text), new AbortController().signal)
    return { code, ...text }
  }
  return {
    folder,
    file,
    dagIn,
    dag: (...args) => dagIn(state, ...args),
    emulator: async (...args) => {
      const text = { out: '', note: '' }
      const stop = new AbortController()
      const ended = run(['emulator', '--port', '0', ...args, '--state', state], outputTo(text), stop.signal)
      await vi.waitFor(() => expect(text.out + text.note).toContain('local cloud at'), 20_000)
      return async () => {
        stop.abort(new Error('the test has ended'))
        await ended
      }
    },
    remove: () => {
      cwd.mockRestore()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function outputTo(text: { out: string; note: string }): Output {
  return {
    out: (line) => void (text.out += `${line}\n`),
    note: (line) => void (text.note += `${line}\n`),
    bytes: () => undefined,
    draw: () => undefined,
    terminal: false,
    live: false,
    width: 100,
  }
}

/** A container in any language: `body` computes `outcome` from `input` and `run`; it is written as the protocol says. */
export function containerScript(body: string): string {
  return `
const input = JSON.parse(process.env.DAG_INPUT)
const run = JSON.parse(process.env.DAG_RUN)
${body}
const target = new URL(process.env.DAG_OUTPUT_URI.replace('gs://', 'http://'))
const result = JSON.stringify({ state: 'success', tries: run.try, output: outcome.output })
const metadata = outcome.output ? { outcome: 'output', result } : { outcome: 'error', ...outcome.error, retryable: 'false' }
const body = ['--x', 'content-type: application/json', '', JSON.stringify({ contentType: 'application/json', metadata }),
  '--x', 'content-type: application/json', '', JSON.stringify(outcome), '--x--', ''].join('\\r\\n')
const query = '?uploadType=multipart&ifGenerationMatch=0&name=' + encodeURIComponent(target.pathname.slice(1))
fetch(process.env.STORAGE_EMULATOR_HOST + '/upload/storage/v1/b/' + target.hostname + '/o' + query,
  { method: 'POST', headers: { 'content-type': 'multipart/related; boundary=x' }, body })
  .then((response) => process.exit(response.ok && outcome.output ? 0 : 1))
`
}
