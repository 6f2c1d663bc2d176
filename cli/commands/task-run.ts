import { exit, type Command, type CommandInput } from '../command.ts'
import { projectFolder } from '../project.ts'
import { dateOption, jsonOption, paramOption, stateOption } from './shared-options.ts'

export const taskRunCommand: Command = {
  name: 'task run',
  summary: 'try one step or model for real on this machine',
  arguments: [
    { name: '<dag>', description: 'id of the DAG' },
    { name: '<task>', description: 'id of the task' },
  ],
  options: [
    {
      flags: '--input <json>',
      description:
        'what a step gets: JSON, @file or - for the standard input (default: what the run would give it)',
    },
    dateOption,
    paramOption,
    { flags: '--live', description: 'ask the real sources instead of the sample services' },
    stateOption,
    jsonOption,
  ],
  examples: [
    'dag task run anilist fetch_user',
    `dag task run anilist fetch_user --input '{"userName":"Gajs","date":"2026-03-09"}' --live`,
    'dag task run anilist dmt_genre --date 2026-03-09',
  ],
  run: runTask,
}

async function runTask(input: CommandInput): Promise<number> {
  const { options, output } = input
  const project = projectFolder()
  const [dag = '', id = ''] = input.arguments
  const [{ freshDag }, { stepVariables }, { planFrom, referenceDate }, { triableTask, tryTask }] =
    await Promise.all([
      import('../fresh-dags.ts'),
      import('../compiled-dags.ts'),
      import('../start-run.ts'),
      import('../try-task.ts'),
    ])
  const compiled = await freshDag(project, dag)
  const task = await triableTask(project, dag, id)
  const given = await givenInput(options.text('input'), task.kind)
  const argument = await planFrom(input, compiled, Date.now())
  const [{ openConnection }, { deploy }] = await Promise.all([
    import('../connection.ts'),
    import('../deployment.ts'),
  ])
  const connection = await openConnection(input, {
    date: referenceDate(argument),
    live: options.flag('live'),
    variables: stepVariables([compiled]),
  })
  try {
    const { clients } = connection
    await deploy(compiled, clients)
    const tried = await tryTask(task, { clients, compiled, argument, input: given })
    if (options.flag('json')) output.out(JSON.stringify(tried))
    else {
      const { triedText } = await import('../tried-text.ts')
      output.out(triedText(tried))
    }
    return tried.state === 'failed' ? exit.runFailed : exit.success
  } finally {
    await connection.close()
  }
}

async function givenInput(
  text: string | undefined,
  kind: 'step' | 'model',
): Promise<{ readonly value: unknown } | null> {
  if (text === undefined) return null
  const { UserError } = await import('../../deploy/user-error.ts')
  if (kind === 'model') {
    throw new UserError('DAG602', 'a model takes no input', {
      place: `--input ${text}`,
      hint: 'choose the day with --date, and params with --param',
    })
  }
  const { readText } = await import('../read-text.ts')
  const content = text === '-' || text.startsWith('@') ? await readText(text.replace(/^@/, '')) : text
  try {
    return { value: JSON.parse(content) as unknown }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new UserError('DAG603', `the input is not JSON: ${message}`, { place: `--input ${text}` })
  }
}
