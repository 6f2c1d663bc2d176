import type { Compiled } from '../deploy/compiled.ts'
import type { Clients } from '../deploy/clients.ts'
import type { RunView } from '../history/run-view.ts'
import type { Output } from './command.ts'
import { liveTasks } from './live-tasks.ts'

export interface FollowOptions {
  readonly clients: Clients
  /** Null for a source that is not a compiled DAG. */
  readonly compiled: Compiled | null
  readonly execution: string
  readonly output: Output
  readonly signal: AbortSignal
}

/** Follows an execution to its end and shows its tasks meanwhile. */
export async function followRun({
  clients,
  compiled,
  execution,
  output,
  signal,
}: FollowOptions): Promise<RunView> {
  const [{ waitForExecution }, { readRun }] = await Promise.all([
    import('../deploy/executions.ts'),
    import('../history/read-run.ts'),
  ])
  const view = liveTasks(output)
  const read = () => readRun(clients, execution, compiled)
  const pollMs = clients.environment.emulator === null ? 2000 : 150
  try {
    await waitForExecution(clients, execution, {
      signal,
      pollMs,
      onPoll: async () => view.update(await read()),
    })
    const run = await read()
    view.update(run)
    return run
  } finally {
    view.end()
  }
}
