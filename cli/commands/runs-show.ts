import { resolve } from 'node:path'
import { exit, type Command, type CommandInput } from '../command.ts'
import { envOption, jsonOption, stateOption } from './shared-options.ts'

export const runsShowCommand: Command = {
  name: 'runs show',
  summary: 'show a run as tasks: states, tries, times, inputs, outputs, failures',
  arguments: [{ name: '[run]', description: 'run id or execution id (default: the newest run)' }],
  options: [
    { flags: '--dag <dag>', description: 'look among the runs of this DAG' },
    envOption,
    stateOption,
    { flags: '--report <file>', description: 'also write the HTML report' },
    jsonOption,
  ],
  examples: ['dag runs show', 'dag runs show manual__2026-03-09t09-00-00z --report run.html'],
  run: show,
}

async function show(input: CommandInput): Promise<number> {
  const { options, output } = input
  const { openConnection } = await import('../connection.ts')
  const connection = await openConnection(input)
  try {
    const [{ findRun }, { readRun }, { generatedDagIfAny }] = await Promise.all([
      import('../find-runs.ts'),
      import('../../history/read-run.ts'),
      import('../compiled-dags.ts'),
    ])
    const { clients, project } = connection
    const found = await findRun(clients, input.arguments[0], options.text('dag'))
    const compiled = await generatedDagIfAny(project, found.dag)
    const run = await readRun(clients, found.execution, compiled)
    const report = options.text('report')
    if (report !== undefined) {
      const { readResults, writeReport } = await import('../finish.ts')
      const { tables, charts } =
        compiled === null ? { tables: [], charts: [] } : await readResults(run, compiled, clients)
      await writeReport(resolve(report), run, tables, charts)
      output.note(`report: ${report}`)
    }
    if (options.flag('json')) output.out(JSON.stringify(run, null, 2))
    else {
      const { runText } = await import('../run-text.ts')
      output.out(runText(run, output.width))
    }
    return exit.success
  } finally {
    await connection.close()
  }
}
