import type { Compiled } from '../deploy/compiled.ts'
import { exit, type CommandInput } from './command.ts'
import type { Connection } from './connection.ts'
import type { RunArgument } from './start-run.ts'

export interface Started {
  readonly connection: Connection
  readonly compiled: Compiled
  readonly argument: RunArgument
  readonly execution: string
  readonly input: CommandInput
}

/** Follows a run that was just started with `--wait`, or where its emulator ends with this process; else names it. */
export async function afterStart({
  connection,
  compiled,
  argument,
  execution,
  input,
}: Started): Promise<number> {
  const { options, output, signal } = input
  const { clients, local } = connection
  output.note(`${compiled.manifest.dag} ${argument.run_id} started: ${execution}`)
  const json = options.flag('json')
  if (!options.flag('wait') && local?.own !== true) {
    output.out(json ? JSON.stringify({ run_id: argument.run_id, execution }) : argument.run_id)
    return exit.success
  }
  const [{ followRun }, { finishRun }] = await Promise.all([import('./follow.ts'), import('./finish.ts')])
  const run = await followRun({ clients, compiled, execution, output, signal })
  return finishRun({ run, compiled, clients, report: null, json, output })
}
