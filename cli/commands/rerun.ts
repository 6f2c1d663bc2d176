import type { Command, CommandInput } from '../command.ts'
import type { RunToRepeat } from '../run-to-repeat.ts'
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
    { argumentAgain, rerunText },
    { findRunToRepeat },
    { forgetEntries, readLedger },
    { entriesThatCount },
    { planRerun },
    { referenceDate, startRun },
    { stepVariables },
    { afterStart },
  ] = await Promise.all([
    import('../connection.ts'),
    import('../past-run.ts'),
    import('../run-to-repeat.ts'),
    import('../../deploy/ledger.ts'),
    import('../../deploy/last-execution.ts'),
    import('../../deploy/rerun-plan.ts'),
    import('../start-run.ts'),
    import('../compiled-dags.ts'),
    import('../started.ts'),
  ])
  const live = options.flag('live')
  let connection = await openConnection(input, { live })
  try {
    const past = await findRunToRepeat(connection, input.arguments[0], options.text('dag'))
    const { compiled, facts, last } = past
    const from = options.list('from')
    await refuse(past, from)
    const ledger = await readLedger(connection.clients, facts.dag, facts.runId)
    const { tasks } = compiled.manifest
    const counting = entriesThatCount(ledger, tasks, last)
    const plan = planRerun({ tasks, ledger: counting, states: last.states, from })
    await refuseNothing(facts.runId, plan.again)
    const argument = argumentAgain(facts, 'rerun', plan.known)
    output.note(rerunText(tasks, plan, last.instances))
    if (connection.local?.own === true) {
      // As simulating does: the sources serve the run's own date, and the DAG is as its files are now.
      await connection.close()
      const variables = stepVariables([compiled])
      connection = await openConnection(input, { date: referenceDate(argument), live, variables })
      const { deploy } = await import('../deployment.ts')
      await deploy(compiled, connection.clients)
    }
    // Should this execution be cut short, nobody is to take them for its own.
    const kept = new Set(plan.kept)
    await forgetEntries(
      connection.clients,
      facts,
      ledger.filter((entry) => !kept.has(entry)),
    )
    const execution = await startRun(connection.clients, compiled, argument)
    return await afterStart({ connection, compiled, argument, execution, input })
  } finally {
    await connection.close()
  }
}

async function refuse({ active, compiled, facts }: RunToRepeat, from: readonly string[]): Promise<void> {
  const { UserError } = await import('../../deploy/user-error.ts')
  if (active !== null) {
    throw new UserError('DAG608', `run ${facts.runId} is still ${active.state}`, {
      place: active.execution,
      hint: `wait for it, or stop it with \`dag runs cancel ${facts.runId}\``,
    })
  }
  const ids = compiled.manifest.tasks.map(({ id }) => id)
  const unknown = from.find((id) => !ids.includes(id))
  if (unknown === undefined) return
  throw new UserError('DAG605', `DAG ${facts.dag} has no task ${unknown}`, {
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
