import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readCompiled, type Compiled } from '../deploy/compiled.ts'
import { createExecution, waitForExecution } from '../deploy/executions.ts'
import { deployWorkflowSource } from '../deploy/workflow-source.ts'
import { UserError } from '../deploy/user-error.ts'
import { readExecution, type ExecutionRecord } from '../history/service.ts'
import { exit, type CommandInput } from './command.ts'
import { stepVariables } from './compiled-dags.ts'
import { openConnection } from './connection.ts'
import { deploy } from './deployment.ts'
import { finishRun } from './finish.ts'
import { followRun } from './follow.ts'
import { chosenReadings } from './reading-option.ts'
import { planFrom, referenceDate, startRun } from './start-run.ts'

/** Runs a Workflows source: a compiled DAG with everything it needs, or any other source as it stands. */
export async function runWorkflowFile(input: CommandInput): Promise<number> {
  const file = resolve(input.arguments[0] ?? '')
  if (!existsSync(file)) throw new UserError('there is no such file', { place: file })
  const compiled = existsSync(join(dirname(file), 'manifest.json')) ? await readCompiled(dirname(file)) : null
  const data = checkedData(input.options.text('data'))
  if (compiled !== null && compiled.manifest.workflow.file === basename(file) && data === undefined) {
    return runCompiled(input, compiled)
  }
  return runSource(input, file, data)
}

async function runCompiled(input: CommandInput, compiled: Compiled): Promise<number> {
  const { output, signal } = input
  const argument = await planFrom(input, compiled, Date.now())
  output.note(`${compiled.manifest.dag} ${argument.run_id}, logical date ${argument.logical_date}`)
  const connection = await openConnection(input, {
    date: referenceDate(argument),
    variables: stepVariables([compiled]),
    ...(await chosenReadings(input.options)),
  })
  try {
    const { clients } = connection
    await deploy(compiled, clients)
    const execution = await startRun(clients, compiled, argument)
    const run = await followRun({ clients, compiled, execution, output, signal })
    return await finishRun({ run, compiled, clients, report: null, json: input.options.flag('json'), output })
  } finally {
    await connection.close()
  }
}

async function runSource(input: CommandInput, file: string, data: string | undefined): Promise<number> {
  const { output, signal } = input
  for (const option of ['date', 'param'] as const) {
    if (input.options.text(option) !== undefined || input.options.list(option).length > 0) {
      throw new UserError(
        `--${option} needs a compiled DAG: there is no manifest.json beside this file, or --data was given`,
        {
          place: file,
          hint: 'give the argument with --data',
        },
      )
    }
  }
  const connection = await openConnection(input, await chosenReadings(input.options))
  try {
    const { clients } = connection
    const workflow = workflowId(file)
    await deployWorkflowSource(clients, workflow, await readFile(file, 'utf8'), file)
    const name = await createExecution(clients, { workflow, argument: data ?? 'null', labels: {} })
    const { state } = await waitForExecution(clients, name, { signal, pollMs: 50 })
    const execution = await readExecution(clients, name)
    if (input.options.flag('json')) output.out(executionJson(execution))
    else if (state === 'SUCCEEDED') output.out(execution.result ?? 'null')
    if (state === 'SUCCEEDED') return exit.success
    output.note(`${state}: ${execution.error?.context ?? execution.error?.payload ?? ''}`)
    return exit.runFailed
  } finally {
    await connection.close()
  }
}

/** The argument is sent as it was written: 64-bit integers would not survive being read here. */
function checkedData(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    JSON.parse(text)
    return text
  } catch (error) {
    throw new UserError(`--data is not JSON: ${error instanceof Error ? error.message : ''}`, {
      place: `--data ${text}`,
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

/** The result is JSON text already and is spliced in as such. */
function executionJson({ name, state, result, error }: ExecutionRecord): string {
  const rest = JSON.stringify({ execution: name, state, error: error ?? null })
  return `${rest.slice(0, -1)},"result":${result ?? 'null'}}`
}
