import type { Command, CommandInput } from '../command.ts'
import { projectFolder } from '../project.ts'
import {
  dateOption,
  envOption,
  jsonOption,
  liveOption,
  paramOption,
  stateOption,
  waitOption,
} from './shared-options.ts'

export const triggerCommand: Command = {
  name: 'trigger',
  summary: 'start a run of a deployed DAG',
  arguments: [{ name: '<dag>', description: 'id of the DAG' }],
  options: [envOption, dateOption, paramOption, liveOption, waitOption, stateOption, jsonOption],
  examples: ['dag trigger anilist --wait', 'dag trigger anilist --env prod --date 2026-03-09'],
  run: trigger,
}

async function trigger(input: CommandInput): Promise<number> {
  const [
    { generatedDag, stepVariables },
    { planFrom, referenceDate, startRun },
    { openConnection },
    { afterStart },
  ] = await Promise.all([
    import('../compiled-dags.ts'),
    import('../start-run.ts'),
    import('../connection.ts'),
    import('../started.ts'),
  ])
  const compiled = await generatedDag(projectFolder(), input.arguments[0] ?? '')
  const argument = await planFrom(input, compiled, Date.now())
  const connection = await openConnection(input, {
    date: referenceDate(argument),
    live: input.options.flag('live'),
    variables: stepVariables([compiled]),
  })
  try {
    const execution = await startRun(connection.clients, compiled, argument)
    return await afterStart({ connection, compiled, argument, execution, input })
  } finally {
    await connection.close()
  }
}
