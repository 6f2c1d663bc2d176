import type { Compiled } from '../deploy/compiled.ts'
import type { CommandInput } from './command.ts'
import { stepVariables } from './compiled-dags.ts'
import { openConnection, type ConnectionOptions } from './connection.ts'
import { deploy } from './deployment.ts'
import { finishRun } from './finish.ts'
import { followRun } from './follow.ts'
import { planFrom, referenceDate, startRun } from './start-run.ts'

/** Runs the workflow of a compiled DAG, which is deployed with everything it needs. */
export async function runCompiled(
  input: CommandInput,
  compiled: Compiled,
  options: Pick<ConnectionOptions, 'clock' | 'seed' | 'readings'>,
): Promise<number> {
  const { output, signal } = input
  const argument = await planFrom(input, compiled, Date.now())
  output.note(`${compiled.manifest.dag} ${argument.run_id}, logical date ${argument.logical_date}`)
  const connection = await openConnection(input, {
    date: referenceDate(argument),
    variables: stepVariables([compiled]),
    ...options,
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
