import { exit, type Command, type CommandInput } from '../command.ts'
import { envOption, jsonOption, stateOption } from './shared-options.ts'

export const runsListCommand: Command = {
  name: 'runs list',
  summary: 'list runs, newest first',
  arguments: [{ name: '[dag]', description: 'only runs of this DAG' }],
  options: [
    envOption,
    stateOption,
    { flags: '--limit <n>', description: 'at most this many (default: 20)' },
    jsonOption,
  ],
  examples: ['dag runs list', 'dag runs list anilist --env prod --limit 5'],
  run: list,
}

async function list(input: CommandInput): Promise<number> {
  const [{ wholeNumber }, { openConnection }] = await Promise.all([
    import('../option-values.ts'),
    import('../connection.ts'),
  ])
  const limit = wholeNumber(input.options, 'limit') ?? 20
  const connection = await openConnection(input)
  try {
    const { findRuns, runsText } = await import('../find-runs.ts')
    const runs = await findRuns(connection.clients, { dag: input.arguments[0], limit })
    if (input.options.flag('json')) input.output.out(JSON.stringify(runs, null, 2))
    else input.output.out(runs.length === 0 ? 'no runs yet' : runsText(runs))
    return exit.success
  } finally {
    await connection.close()
  }
}
