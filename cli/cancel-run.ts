import { cancelExecution } from '../deploy/executions.ts'
import { cancelWork, type CancelledWork } from '../deploy/cancel-work.ts'
import { entriesThatCount } from '../deploy/last-execution.ts'
import { forgetEntries, readLedger } from '../deploy/ledger.ts'
import { planTeardown } from '../deploy/rerun-plan.ts'
import { workflowName } from '../deploy/resources/workflow.ts'
import { UserError } from '../deploy/user-error.ts'
import { readRun } from '../history/read-run.ts'
import { HistoryError, listExecutions } from '../history/service.ts'
import { exit, type CommandInput } from './command.ts'
import type { Connection } from './connection.ts'
import { runLineOf, type RunLine } from './find-runs.ts'
import { followRun } from './follow.ts'
import { argumentAgain, isActive, lastExecution, pastRunOf, type PastRun } from './past-run.ts'
import { startRun } from './start-run.ts'
import { failuresText } from './summary.ts'

/** A run that was stopped, with all that it had started. */
export interface CancelledRun extends CancelledWork {
  readonly run_id: string
  readonly dag: string
  /** Of its execution, as the API names it. */
  readonly state: string
  /** Runs of other DAGs that it was waiting for. */
  readonly children: readonly CancelledRun[]
  /** The execution that has cleaned up; null where there was nothing to clean up. */
  readonly teardown: string | null
}

/**
 * Stops a run: its workflow first, so that it starts nothing more, then its containers and queries and the runs of other
 * DAGs that it waits for, and at last runs its teardowns.
 */
export async function cancelRun(
  connection: Connection,
  past: PastRun,
  input: CommandInput,
): Promise<{ readonly cancelled: CancelledRun; readonly exitCode: number }> {
  const { clients } = connection
  const { compiled, line, view } = past
  const state = isActive(line) ? (await cancelExecution(clients, line.execution)).state : 'CANCELLED'
  const work = await cancelWork(clients, {
    manifest: compiled.manifest,
    runId: view.runId,
    since: view.start ?? 0,
  })
  const stopped = [...work.containers, ...work.queries]
  input.output.note(
    `${view.runId}: ${state.toLowerCase()}${stopped.length > 0 ? `; stopped ${stopped.join(', ')}` : ''}`,
  )
  const children: CancelledRun[] = []
  let exitCode: number = exit.success
  for (const child of await childRuns(connection, past)) {
    const ended = await cancelChild(connection, child, input)
    children.push(ended.cancelled)
    exitCode = Math.max(exitCode, ended.exitCode)
  }
  const teardown = await cleanUp(connection, past, input)
  return {
    cancelled: {
      run_id: view.runId,
      dag: view.dag,
      state,
      ...work,
      children,
      teardown: teardown?.execution ?? null,
    },
    exitCode: Math.max(exitCode, teardown?.exitCode ?? exit.success),
  }
}

/** Runs of other DAGs that a run has started, that it waits for and that have not ended. */
async function childRuns({ clients }: Connection, { compiled, view }: PastRun): Promise<RunLine[]> {
  const dags = new Set(compiled.manifest.tasks.filter(({ waits }) => waits).map(({ runs }) => runs))
  const lists = await Promise.all([...dags].map((dag) => activeExecutions(clients, dag)))
  const waiting = new Set(
    compiled.manifest.tasks.filter(({ waits }) => waits).map(({ id }) => `${view.dag}/${view.runId}/${id}`),
  )
  return lists
    .flat()
    .filter(({ argument }) => waiting.has(parentOf(argument).replace(/\/\d+$/, '')))
    .map(runLineOf)
}

async function activeExecutions(clients: Connection['clients'], dag: string) {
  try {
    const active = 'state="ACTIVE" OR state="QUEUED"'
    return await listExecutions(clients, workflowName(clients.environment, dag), 10_000, active)
  } catch (error) {
    if (error instanceof HistoryError && error.status === 404) return []
    throw error
  }
}

/** Which task has started an execution: docs/architecture.md, "Tasks without a container". */
function parentOf(argument: string | undefined): string {
  try {
    const given: unknown = JSON.parse(argument ?? 'null')
    return typeof given === 'object' && given !== null && 'parent' in given ? String(given.parent) : ''
  } catch {
    return ''
  }
}

async function cancelChild(
  connection: Connection,
  child: RunLine,
  input: CommandInput,
): ReturnType<typeof cancelRun> {
  const past = await pastRunOf(connection, child).catch((error: unknown) => {
    if (error instanceof Error && isNotCompiledHere(error)) return null
    throw error
  })
  if (past !== null) return cancelRun(connection, past, input)
  const { state } = await cancelExecution(connection.clients, child.execution)
  input.output.note(
    `${child.run_id}: ${state.toLowerCase()}; DAG ${child.dag} is not compiled here: what it has started goes on`,
  )
  const none = { containers: [], queries: [], children: [], teardown: null }
  return { cancelled: { run_id: child.run_id, dag: child.dag, state, ...none }, exitCode: exit.success }
}

/** It is of another project, or its files are gone or wrong by now. */
function isNotCompiledHere(error: Error): boolean {
  return error.name === 'DagProblems' || (error instanceof UserError && error.code === 'DAG803')
}

/** Executes the run once more, for its teardowns alone; null where it has none. */
async function cleanUp(
  { clients }: Connection,
  past: PastRun,
  { output, signal }: CommandInput,
): Promise<{ readonly execution: string; readonly exitCode: number } | null> {
  const { compiled, line, view } = past
  const { tasks } = compiled.manifest
  if (tasks.every(({ teardownOf }) => teardownOf === undefined)) return null
  const [ledger, ended] = await Promise.all([
    readLedger(clients, view.dag, view.runId),
    readRun(clients, line.execution, compiled),
  ])
  const states = new Map(ended.tasks.map((task) => [task.id, task.state]))
  const counting = entriesThatCount(ledger, tasks, lastExecution({ ...past, view: ended, states }))
  const argument = argumentAgain(view, 'teardown', planTeardown({ tasks, ledger: counting, states }))
  const stale = ledger.filter((entry) => !counting.includes(entry))
  await forgetEntries(clients, view, stale)
  const execution = await startRun(clients, compiled, argument)
  output.note(`cleaning up: ${execution}`)
  const run = await followRun({ clients, compiled, execution, output, signal })
  if (run.error === null) return { execution, exitCode: exit.success }
  output.note(`\n${failuresText(run)}`)
  return { execution, exitCode: exit.runFailed }
}
