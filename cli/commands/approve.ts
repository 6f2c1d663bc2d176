import { exit, type Command, type CommandInput } from '../command.ts'
import { envOption, jsonOption, stateOption } from './shared-options.ts'

export const approveCommand: Command = {
  name: 'approve',
  summary: 'answer an approval that a run waits for',
  arguments: [
    { name: '<run>', description: 'run id or execution id' },
    { name: '<task>', description: 'id of the approval task' },
  ],
  options: [
    { flags: '--reject', description: 'say no' },
    { flags: '--note <text>', description: 'what to say with it, at most 500 characters' },
    { flags: '--by <name>', description: 'who decides (default: the name of your account)' },
    { flags: '--index <n>', description: 'which instance, of an approval in a mapped group (default: 0)' },
    { flags: '--dag <dag>', description: 'look among the runs of this DAG' },
    envOption,
    stateOption,
    jsonOption,
  ],
  examples: [
    'dag approve manual__2026-03-09t09-00-00z publish',
    "dag approve manual__2026-03-09t09-00-00z publish --reject --note 'prices are wrong' --env prod",
  ],
  run: approve,
}

/** Longest note that an approval's output holds. */
const NOTE_LENGTH = 500

async function approve(input: CommandInput): Promise<number> {
  const { options, output } = input
  const [id = '', task = ''] = input.arguments
  const [{ openConnection }, { findRun }, approvals, { UserError }, { wholeNumber }] = await Promise.all([
    import('../connection.ts'),
    import('../find-runs.ts'),
    import('../../deploy/approvals.ts'),
    import('../../deploy/user-error.ts'),
    import('../option-values.ts'),
  ])
  const index = wholeNumber(options, 'index') ?? 0
  const note = options.text('note') ?? ''
  if (note.length > NOTE_LENGTH) {
    throw new UserError('DAG601', `--note has ${note.length} characters`, {
      hint: `say it in ${NOTE_LENGTH}`,
    })
  }
  const connection = await openConnection(input)
  try {
    const { clients } = connection
    const run = await findRun(clients, id, options.text('dag'))
    const waiting = await approvals.waitingApprovals(clients, {
      dag: run.dag,
      runId: run.run_id,
      execution: run.execution,
    })
    const approval = waiting.find((one) => one.task === task && one.index === index)
    if (approval === undefined) {
      const named = waiting.map((one) => (one.index === 0 ? one.task : `${one.task} --index ${one.index}`))
      throw new UserError('DAG608', `task ${task} of run ${run.run_id} waits for no approval`, {
        place: `environment ${clients.environment.name}, run ${run.state}`,
        hint:
          named.length === 0
            ? 'nothing of this run waits for a person now; `dag runs show` tells how far it is'
            : `what waits: ${named.join(', ')}`,
      })
    }
    const { userInfo } = await import('node:os')
    const approved = !options.flag('reject')
    const answer = { approved, by: options.text('by') ?? userInfo().username, note }
    await approvals.answerApproval(clients, approval, answer)
    output.out(
      options.flag('json')
        ? JSON.stringify({ run_id: run.run_id, task, index, message: approval.message, ...answer })
        : `${approved ? 'approved' : 'rejected'}: ${approval.message}`,
    )
    return exit.success
  } finally {
    await connection.close()
  }
}
