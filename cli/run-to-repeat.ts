import type { Compiled } from '../deploy/compiled.ts'
import type { LastExecution } from '../deploy/last-execution.ts'
import { readLedger, readRunState, type RunState } from '../deploy/ledger.ts'
import { UserError } from '../deploy/user-error.ts'
import { generatedDag } from './compiled-dags.ts'
import type { Connection } from './connection.ts'
import { freshDag } from './fresh-dags.ts'
import { findPastRun, lastExecution, pastRunOf, type PastRun, type RunFacts } from './past-run.ts'
import { generatedDags } from './project.ts'

/** A run that can be executed once more, with how its last execution left it. */
export interface RunToRepeat {
  readonly compiled: Compiled
  readonly facts: RunFacts
  readonly last: LastExecution
  /** An execution of it that has not ended. */
  readonly active: PastRun['active']
}

/**
 * Finds a run among the executions; where the service has forgotten them, which it does after some 90 days, in the
 * ledger.
 *
 * @throws UserError where there is none, or its ledger does not say what it was given
 */
export async function findRunToRepeat(
  connection: Connection,
  id: string | undefined,
  dag: string | undefined,
): Promise<RunToRepeat> {
  try {
    const newest = await findPastRun(connection, id, dag)
    const past = await lastAtWork(connection, newest)
    return { compiled: past.compiled, facts: newest.view, last: lastExecution(past), active: newest.active }
  } catch (error) {
    const isMissing = error instanceof UserError && error.code === 'DAG605'
    if (!isMissing || id === undefined) throw error
    const dags = dag === undefined ? generatedDags(connection.project) : [dag]
    for (const one of dags) {
      const found = await forgottenRun(connection, one, id)
      if (found !== null) return found
    }
    throw error
  }
}

/** The newest execution that came to a task: one that found the run locked by another has left everything as it was. */
async function lastAtWork(connection: Connection, newest: PastRun): Promise<PastRun> {
  let past = newest
  for (const line of newest.earlier) {
    if ([...past.states.values()].some((state) => state !== 'none')) return past
    past = await pastRunOf(connection, line)
  }
  return [...past.states.values()].some((state) => state !== 'none') ? past : newest
}

async function forgottenRun(
  { clients, project, local }: Connection,
  dag: string,
  runId: string,
): Promise<RunToRepeat | null> {
  const state = await readRunState(clients, dag, runId)
  if (state?.run === undefined) {
    const ledger = await readLedger(clients, dag, runId)
    if (ledger.length === 0) return null
    throw new UserError('DAG608', `no execution of run ${runId} is left, and its ledger lacks its params`, {
      place: `gs://${clients.environment.bucket}/runs/${dag}/${runId}/`,
      hint: `execute it as a whole: \`dag trigger ${dag} --date …\`, with its params`,
    })
  }
  const compiled = await (local === null ? generatedDag : freshDag)(project, dag)
  return { compiled, facts: factsOf(dag, runId, state, state.run), last: lastOf(state), active: null }
}

function factsOf(
  dag: string,
  runId: string,
  { execution }: RunState,
  run: NonNullable<RunState['run']>,
): RunFacts {
  return {
    dag,
    runId,
    execution,
    trigger: run.trigger,
    logicalDate: run.logical_date,
    intervalStart: run.interval_start,
    intervalEnd: run.interval_end,
    params: run.params,
  }
}

/** Instances of mapped tasks are those that the ledger holds. */
function lastOf({ tasks }: RunState): LastExecution {
  const states = Object.entries(tasks).map(([id, { state }]) => [id, state] as const)
  return { states: new Map(states), instances: new Map(), ownLedger: true }
}
