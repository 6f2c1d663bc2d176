import type { Command, CommandInput } from '../command.ts'
import type { PastRun } from '../past-run.ts'
import { envOption, jsonOption, liveOption, stateOption, waitOption } from './shared-options.ts'

export const rerunCommand: Command = {
  name: 'rerun',
  summary: 'execute a run once more; what has finished stays as it is',
  arguments: [{ name: '<run>', description: 'run id or execution id' }],
  options: [
    {
      flags: '--from <task>',
      description: 'run this task and everything below it again, finished or not; may be repeated',
      repeatable: true,
    },
    { flags: '--dag <dag>', description: 'look among the runs of this DAG' },
    envOption,
    liveOption,
    waitOption,
    stateOption,
    jsonOption,
  ],
  examples: [
    'dag rerun manual__2026-03-09t09-00-00z',
    'dag rerun scheduled__2026-03-09t09-00-00z --env prod --from load_raw --wait',
  ],
  run: rerun,
}

async function rerun(input: CommandInput): Promise<number> {
  const { options, output } = input
  const [
    { openConnection },
    { argumentAgain, findPastRun, rerunText },
    { readLedger },
    { planRerun },
    { referenceDate, startRun },
    { stepVariables },
    { afterStart },
  ] = await Promise.all([
    import('../connection.ts'),
    import('../past-run.ts'),
    import('../../deploy/ledger.ts'),
    import('../../deploy/rerun-plan.ts'),
    import('../start-run.ts'),
    import('../compiled-dags.ts'),
    import('../started.ts'),
  ])
  const live = options.flag('live')
  let connection = await openConnection(input, { live })
  try {
    const past = await findPastRun(connection, input.arguments[0], options.text('dag'))
    const { compiled, view, states } = past
    const from = options.list('from')
    await refuse(past, from)
    const ledger = await readLedger(connection.clients, view.dag, view.runId)
    const { tasks } = compiled.manifest
    const plan = planRerun({ tasks, ledger, states, from })
    await refuseNothing(view.runId, plan.again)
    const argument = argumentAgain(view, 'rerun', plan.known)
    output.note(rerunText(tasks, plan))
    if (connection.local?.own === true) {
      // As simulating does: the sources serve the run's own date, and the DAG is as its files are now.
      await connection.close()
      const variables = stepVariables([compiled])
      connection = await openConnection(input, { date: referenceDate(argument), live, variables })
      const { deploy } = await import('../deployment.ts')
      await deploy(compiled, connection.clients)
    }
    const execution = await startRun(connection.clients, compiled, argument)
    return await afterStart({ connection, compiled, argument, execution, input })
  } finally {
    await connection.close()
  }
}

async function refuse({ active, compiled, view }: PastRun, from: readonly string[]): Promise<void> {
  const { UserError } = await import('../../deploy/user-error.ts')
  if (active !== null) {
    throw new UserError('DAG608', `run ${view.runId} is still ${active.state}`, {
      place: active.execution,
      hint: `wait for it, or stop it with \`dag runs cancel ${view.runId}\``,
    })
  }
  const ids = compiled.manifest.tasks.map(({ id }) => id)
  const unknown = from.find((id) => !ids.includes(id))
  if (unknown === undefined) return
  throw new UserError('DAG605', `DAG ${view.dag} has no task ${unknown}`, {
    place: `--from ${unknown}`,
    hint: `its tasks are: ${ids.join(', ')}`,
  })
}

async function refuseNothing(runId: string, again: readonly string[]): Promise<void> {
  if (again.length > 0) return
  const { UserError } = await import('../../deploy/user-error.ts')
  throw new UserError('DAG608', `every task of run ${runId} has finished`, {
    hint: 'choose where to begin with --from <task>',
  })
}
