import type { Command, CommandInput } from '../command.ts'
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
  const [{ openConnection }, { findPastRun, isActive }, { UserError }, { cancelRun }] = await Promise.all([
    import('../connection.ts'),
    import('../past-run.ts'),
    import('../../deploy/user-error.ts'),
    import('../cancel-run.ts'),
  ])
  const connection = await openConnection(input)
  try {
    const past = await findPastRun(connection, input.arguments[0], options.text('dag'))
    const { line, view } = past
    if (!isActive(line) && !isHalfCancelled(past)) {
      throw new UserError('DAG608', `run ${view.runId} has ended already: ${line.state}`, {
        place: line.execution,
      })
    }
    const { cancelled, exitCode } = await cancelRun(connection, past, input)
    if (options.flag('json')) output.out(JSON.stringify(cancelled))
    return exitCode
  } finally {
    await connection.close()
  }
}

/** Its workflow was stopped, by this command or another, but nobody has cleaned up behind it. */
function isHalfCancelled({ line, view }: PastRun): boolean {
  return view.mode === 'teardown' ? line.state === 'failed' : line.state === 'cancelled'
}
