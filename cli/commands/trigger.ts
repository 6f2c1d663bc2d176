import { exit, type Command, type CommandInput } from '../command.ts'
import { projectFolder } from '../project.ts'
import { dateOption, envOption, jsonOption, paramOption, stateOption } from './shared-options.ts'

export const triggerCommand: Command = {
  name: 'trigger',
  summary: 'start a run of a deployed DAG',
  arguments: [{ name: '<dag>', description: 'id of the DAG' }],
  options: [
    envOption,
    dateOption,
    paramOption,
    {
      flags: '--wait',
      description: 'follow the run to its end (always so when no emulator runs in the background)',
    },
    stateOption,
    jsonOption,
  ],
  examples: ['dag trigger anilist --wait', 'dag trigger anilist --env prod --date 2026-03-09'],
  run: trigger,
}

async function trigger(input: CommandInput): Promise<number> {
  const { options, output, signal } = input
  const [{ generatedDag, stepVariables }, { planFrom, referenceDate, startRun }, { openConnection }] =
    await Promise.all([import('../compiled-dags.ts'), import('../start-run.ts'), import('../connection.ts')])
  const compiled = await generatedDag(projectFolder(), input.arguments[0] ?? '')
  const argument = await planFrom(input, compiled, Date.now())
  const connection = await openConnection(input, {
    date: referenceDate(argument),
    variables: stepVariables([compiled]),
  })
  try {
    const { clients, local } = connection
    const execution = await startRun(clients, compiled, argument)
    output.note(`${compiled.manifest.dag} ${argument.run_id} started: ${execution}`)
    // An emulator in this process ends with it.
    const wait = options.flag('wait') || local?.own === true
    if (!wait) {
      output.out(
        options.flag('json') ? JSON.stringify({ run_id: argument.run_id, execution }) : argument.run_id,
      )
      return exit.success
    }
    const [{ followRun }, { finishRun }] = await Promise.all([import('../follow.ts'), import('../finish.ts')])
    const run = await followRun({ clients, compiled, execution, output, signal })
    return await finishRun({ run, compiled, clients, report: null, json: options.flag('json'), output })
  } finally {
    await connection.close()
  }
}
