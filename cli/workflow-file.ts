import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UserError } from '../deploy/user-error.ts'
import { checkSource, problemText } from './check-source.ts'
import { exit, type CommandInput } from './command.ts'
import { oneOf, wholeNumber } from './option-values.ts'
import { chosenReadings } from './reading-option.ts'
import { readText } from './read-text.ts'
import type { SourceCloudOptions } from './source-cloud.ts'

/** Runs a Workflows source: a compiled DAG with everything it needs, or any other source as it stands. */
export async function runWorkflowFile(input: CommandInput): Promise<number> {
  const { options, output } = input
  const file = input.arguments[0] ?? ''
  const clock = oneOf(options, 'clock', ['real', 'virtual'])
  const seed = wholeNumber(options, 'seed')
  const cloud = {
    ...(clock === undefined ? {} : { clock }),
    ...(seed === undefined ? {} : { seed }),
    ...(await chosenReadings(options)),
  }
  const data = options.text('data')
  if (data === undefined && file !== '-') {
    const compiled = await compiledBeside(resolve(file))
    if (compiled !== null) return (await import('./run-compiled.ts')).runCompiled(input, compiled, cloud)
  }
  refuseRunOptions(input, file)
  if (file === '-' && data === '-') {
    throw new UserError('DAG602', 'the source and the argument cannot both be the standard input', {
      place: '--data -',
    })
  }
  const source = await readText(file)
  const problems = checkSource(source, cloud.readings)
  if (problems.length > 0) {
    // Each at the start of its line, so that editors and terminals find the place.
    for (const problem of problems) output.note(problemText(file, problem))
    throw new UserError('DAG610', 'the source cannot be deployed', { place: file })
  }
  return runSource(input, { id: workflowId(file), source, place: file }, await readArgument(data), cloud)
}

/** The compiled DAG whose workflow a file is, or null. Loads nothing where there is no manifest. */
async function compiledBeside(file: string) {
  if (!existsSync(join(dirname(file), 'manifest.json'))) return null
  const { readCompiled } = await import('../deploy/compiled.ts')
  const compiled = await readCompiled(dirname(file))
  return compiled.manifest.workflow.file === basename(file) ? compiled : null
}

function refuseRunOptions({ options }: CommandInput, file: string): void {
  for (const option of ['date', 'param'] as const) {
    if (options.text(option) === undefined && options.list(option).length === 0) continue
    throw new UserError(
      'DAG602',
      `--${option} needs a compiled DAG: there is no manifest.json beside this file, or --data was given`,
      { place: file, hint: 'give the argument with --data' },
    )
  }
}

interface Deployable {
  readonly id: string
  readonly source: string
  /** The file as it was given. */
  readonly place: string
}

async function runSource(
  { options, output, signal }: CommandInput,
  { id, source, place }: Deployable,
  argument: string | undefined,
  settings: Pick<SourceCloudOptions, 'clock' | 'seed' | 'readings'>,
): Promise<number> {
  const { openSourceCloud } = await import('./source-cloud.ts')
  const cloud = await openSourceCloud({ ...settings, state: options.text('state'), signal })
  try {
    const refusal = await cloud.deploy(id, source)
    if (refusal !== null) throw new UserError('DAG610', refusal, { place })
    const execution = await cloud.run(id, argument)
    const { state, result, error } = execution
    if (options.flag('json')) output.out(JSON.stringify(execution, null, 2))
    else if (state === 'SUCCEEDED') output.out(result ?? 'null')
    if (state !== 'SUCCEEDED') output.note(`${state}: ${error?.context ?? error?.payload ?? ''}`)
    return state === 'SUCCEEDED' ? exit.success : exit.runFailed
  } finally {
    await cloud.close()
  }
}

/** `--data`: JSON, `@file` or `-`. It is sent as it was written: 64-bit integers would not survive being read here. */
async function readArgument(given: string | undefined): Promise<string | undefined> {
  if (given === undefined) return undefined
  const text =
    given === '-' ? await readText('-') : given.startsWith('@') ? await readText(given.slice(1)) : given
  try {
    JSON.parse(text)
    return text
  } catch (error) {
    throw new UserError('DAG603', `--data is not JSON: ${error instanceof Error ? error.message : ''}`, {
      place: `--data ${given}`,
      hint: `quote it for the shell: --data '{"name":"Ana"}'`,
    })
  }
}

/** The file's name as a workflow id: letters, digits, `-` and `_`, beginning with a letter. */
function workflowId(file: string): string {
  const name = basename(file).replace(/\.(workflows\.)?(ya?ml|json)$/, '')
  const id = name
    .replaceAll(/[^A-Za-z0-9_-]/g, '-')
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, 60)
    .replace(/[-_]+$/, '')
  return id === '' ? 'workflow' : id
}
