import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Output } from '../../cli/command.ts'

/** The repository, whose DAGs and built CLI the end-to-end tests run. */
export const root = resolve(import.meta.dirname, '../..')

/** Shared sample data beside a checkout; tests that need it are skipped where it is absent. */
export const sharedData = resolve(root, '../shared/data')

export const hasSharedData = existsSync(sharedData)
if (!hasSharedData) console.log('the shared sample data is absent: the tests that replay it are skipped')

interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly pid: number
  readonly finished: Promise<Finished>
  /** Resolves when the text has been printed, on either stream. */
  printed(text: string): Promise<void>
}

/** Starts the built CLI as a user would, in a process group of its own. */
export function startDag(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    cwd: root,
    detached: true,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  const watchers: { readonly text: string; readonly done: () => void }[] = []
  const collect = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    text[stream] += chunk.toString()
    for (const watcher of watchers) if (text[stream].includes(watcher.text)) watcher.done()
  }
  child.stdout.on('data', collect('stdout'))
  child.stderr.on('data', collect('stderr'))
  const finished = new Promise<Finished>((done, fail) => {
    child.on('error', fail)
    child.on('close', (status) => {
      done({ status, ...text })
    })
  })
  return {
    pid: child.pid ?? 0,
    finished,
    printed: (wanted) =>
      new Promise((done, fail) => {
        if (text.stdout.includes(wanted) || text.stderr.includes(wanted)) done()
        else watchers.push({ text: wanted, done })
        void finished.then((end) => {
          fail(new Error(`ended before it printed ${wanted}:\n${end.stdout}\n${end.stderr}`))
        }, fail)
      }),
  }
}

/**
 * Runs a command in this process, with what the CLI does between its arguments and its exit code. Starting the CLI
 * itself, which takes longer than most commands, is `startDag`'s.
 */
async function dag(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const { run } = await import('../../cli/program.ts')
  const printed: string[] = []
  const noted: string[] = []
  const output: Output = {
    out: (text) => printed.push(text),
    note: (text) => noted.push(text),
    bytes: () => undefined,
    draw: () => undefined,
    terminal: false,
    live: false,
    width: 100,
  }
  const before = { ...process.env }
  Object.assign(process.env, environment)
  try {
    const status = await run(args, output, new AbortController().signal)
    return { status, stdout: printed.join('\n'), stderr: noted.join('\n') }
  } finally {
    for (const name of Object.keys(environment)) restore(name, before[name])
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

/** A folder that is gone when the test file is done. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'dagwright-'))
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

export interface SimulateResult {
  readonly run_id: string
  readonly state: string
  readonly tasks: readonly { readonly id: string; readonly state: string; readonly tries: number }[]
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  readonly report: string
}

/** `dag simulate … --json`, which must succeed. */
export async function simulate(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<SimulateResult> {
  const { status, stdout, stderr } = await dag(['simulate', ...args, '--json'], environment)
  if (status !== 0)
    throw new Error(`dag simulate ${args.join(' ')} exited ${String(status)}:\n${stdout}\n${stderr}`)
  return JSON.parse(stdout) as SimulateResult
}

/** Rows of `dag query --format json`. */
export async function query(
  sql: string,
  state: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { status, stdout, stderr } = await dag(['query', sql, '--state', state, '--format', 'json'])
  if (status !== 0) throw new Error(`dag query exited ${String(status)}:\n${stdout}\n${stderr}`)
  return JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[]
}
