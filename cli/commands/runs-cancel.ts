import { exit, type Command, type CommandInput } from '../command.ts'
import type { Connection } from '../connection.ts'
import type { PastRun } from '../past-run.ts'
import { envOption, jsonOption, stateOption } from './shared-options.ts'

export const runsCancelCommand: Command = {
  name: 'runs cancel',
  summary: 'stop a run and what it has started, then run its teardowns',
  arguments: [{ name: '<run>', description: 'run id or execution id' }],
  options: [
    { flags: '--dag <dag>', description: 'look among the runs of this DAG' },
    envOption,
    stateOption,
    jsonOption,
  ],
  examples: ['dag runs cancel manual__2026-03-09t09-00-00z --env prod'],
  run: cancel,
}

async function cancel(input: CommandInput): Promise<number> {
  const { options, output } = input
  const [{ openConnection }, { findPastRun, isActive }, { UserError }, { cancelExecution }, { cancelWork }] =
    await Promise.all([
      import('../connection.ts'),
      import('../past-run.ts'),
      import('../../deploy/user-error.ts'),
      import('../../deploy/executions.ts'),
      import('../../deploy/cancel-work.ts'),
    ])
  const connection = await openConnection(input)
  try {
    const past = await findPastRun(connection, input.arguments[0], options.text('dag'))
    const { compiled, line, view } = past
    if (!isActive(line) && !isHalfCancelled(past)) {
      throw new UserError('DAG608', `run ${view.runId} has ended already: ${line.state}`, {
        place: line.execution,
      })
    }
    const { clients } = connection
    const state = isActive(line) ? (await cancelExecution(clients, line.execution)).state : 'CANCELLED'
    const since = view.start ?? 0
    const work = await cancelWork(clients, { manifest: compiled.manifest, runId: view.runId, since })
    const stopped = [...work.containers, ...work.queries]
    output.note(
      `${view.runId}: ${state.toLowerCase()}${stopped.length > 0 ? `; stopped ${stopped.join(', ')}` : ''}`,
    )
    const teardown = await cleanUp(connection, past, input)
    if (options.flag('json')) {
      output.out(
        JSON.stringify({ run_id: view.runId, state, ...work, teardown: teardown?.execution ?? null }),
      )
    }
    return teardown === null ? exit.success : teardown.exitCode
  } finally {
    await connection.close()
  }
}

/** Its workflow was stopped, by this command or another, but nobody has cleaned up behind it. */
function isHalfCancelled({ line, view }: PastRun): boolean {
  return view.mode === 'teardown' ? line.state === 'failed' : line.state === 'cancelled'
}

/** Executes the run once more, for its teardowns alone; null where it has none. */
async function cleanUp(
  { clients }: Connection,
  { compiled, line, view }: PastRun,
  { output, signal }: CommandInput,
): Promise<{ readonly execution: string; readonly exitCode: number } | null> {
  const { tasks } = compiled.manifest
  if (tasks.every(({ teardownOf }) => teardownOf === undefined)) return null
  const [
    { readLedger },
    { planTeardown },
    { argumentAgain },
    { startRun },
    { followRun },
    { readRun },
    { failuresText },
  ] = await Promise.all([
    import('../../deploy/ledger.ts'),
    import('../../deploy/rerun-plan.ts'),
    import('../past-run.ts'),
    import('../start-run.ts'),
    import('../follow.ts'),
    import('../../history/read-run.ts'),
    import('../summary.ts'),
  ])
  const [ledger, ended] = await Promise.all([
    readLedger(clients, view.dag, view.runId),
    readRun(clients, line.execution, compiled),
  ])
  const states = new Map(ended.tasks.map((task) => [task.id, task.state]))
  const argument = argumentAgain(view, 'teardown', planTeardown({ tasks, ledger, states }))
  const execution = await startRun(clients, compiled, argument)
  output.note(`cleaning up: ${execution}`)
  const run = await followRun({ clients, compiled, execution, output, signal })
  if (run.error === null) return { execution, exitCode: exit.success }
  output.note(`\n${failuresText(run)}`)
  return { execution, exitCode: exit.runFailed }
}
