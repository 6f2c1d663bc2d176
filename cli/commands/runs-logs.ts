import { exit, type Command, type CommandInput } from '../command.ts'
import { envOption, jsonOption, stateOption } from './shared-options.ts'

export const runsLogsCommand: Command = {
  name: 'runs logs',
  summary: "show the log lines of a run's steps",
  arguments: [{ name: '[run]', description: 'run id or execution id (default: the newest run)' }],
  options: [
    { flags: '--task <task>', description: 'only this task' },
    { flags: '--dag <dag>', description: 'look among the runs of this DAG' },
    envOption,
    stateOption,
    jsonOption,
  ],
  examples: ['dag runs logs --task load_raw'],
  run: logs,
}

async function logs(input: CommandInput): Promise<number> {
  const { options, output } = input
  const { openConnection } = await import('../connection.ts')
  const connection = await openConnection(input)
  try {
    const [{ findRun }, { readLogs }, { logLine }] = await Promise.all([
      import('../find-runs.ts'),
      import('../../history/logs.ts'),
      import('../log-line.ts'),
    ])
    const { clients } = connection
    const run = await findRun(clients, input.arguments[0], options.text('dag'))
    const query = { dag: run.dag, runId: run.run_id, task: options.text('task') }
    const entries = await readLogs(clients, clients.environment.project, query)
    for (const entry of entries) output.out(options.flag('json') ? JSON.stringify(entry) : logLine(entry))
    if (entries.length === 0) output.note('no log lines')
    return exit.success
  } finally {
    await connection.close()
  }
}
