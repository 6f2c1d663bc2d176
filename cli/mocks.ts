import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadDags, loadModule } from '../compiler/index.ts'
import type { Compiled } from '../deploy/compiled.ts'
import { UserError } from '../deploy/user-error.ts'
import type { Mock, RunFacts } from '../testing/index.ts'
import { mockedRun, type MockedRun } from '../testing/mocked-run.ts'
import { hookLine } from '../testing/services/hooks.ts'
import type { Options } from './command.ts'

const lists = ['fail', 'skip', 'timeOut', 'only'] as const

/** What `--mock`, `--fail`, `--skip`, `--time-out`, `--only` and `--from` ask for. */
export async function readMocks(
  options: Options,
  project: string,
  { manifest, sourceMap }: Compiled,
  run: RunFacts,
  note: (text: string) => void,
): Promise<MockedRun> {
  const [fail, skip, timeOut, only] = lists.map((name) => options.list(name))
  const [file, from] = [options.text('mock'), options.text('from')]
  if (from !== undefined && only !== undefined && only.length > 0) {
    throw new UserError('DAG602', '--only and --from exclude each other', {
      place: `--from ${from}`,
      hint: '--from names where to begin, --only every task that runs',
    })
  }
  const [dag] = await loadDags(project, [manifest.dag])
  if (dag === undefined || sourceMap === null)
    throw new Error(`the compiler found no DAG called ${manifest.dag}`)
  const mocks = file === undefined ? {} : await readMockFile(project, resolve(file))
  return mockedRun({
    dag,
    manifest,
    sourceMap,
    circumstances: { mocks, fail: fail ?? [], skip: skip ?? [], timeOut: timeOut ?? [] },
    selection: {
      ...(only === undefined || only.length === 0 ? {} : { only }),
      ...(from === undefined ? {} : { from }),
    },
    run,
    onHook: (told) => note(hookLine(told)),
  })
}

/** Mocks by task id: a JSON document, or what a module exports by default or as `mocks`. */
export async function readMockFile(project: string, file: string): Promise<Readonly<Record<string, Mock>>> {
  const content = file.endsWith('.json') ? await readJson(file) : await readModule(project, file)
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Readonly<Record<string, Mock>>
  }
  throw new UserError('DAG604', 'this is no map of mocks by task id', {
    place: file,
    hint: 'write { "<task>": <answer>, … }; docs/testing.md lists what answers there are',
  })
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown
  } catch (error) {
    throw unreadable(file, error)
  }
}

async function readModule(project: string, file: string): Promise<unknown> {
  try {
    const exports = await loadModule(project, file, {
      'dagwright/testing': await import('../testing/index.ts'),
    })
    return exports['mocks'] ?? exports['default']
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, cause: unknown): UserError {
  const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
  const hint = 'give a JSON file, or a module that exports mocks'
  return new UserError('DAG604', `the mocks cannot be read: ${message}`, { place: file, hint, cause })
}
