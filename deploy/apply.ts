import type { Clients } from './clients.ts'
import { googleFailure } from './google-error.ts'
import type { Plan, PlannedAction } from './plan.ts'
import { mapLimited } from './pool.ts'
import { kindOrder } from './resource.ts'
import { UserError } from './user-error.ts'

/** A deployment that stopped half-way: what was done stays, and deploying again goes on from there. */
export class DeployError extends UserError {
  readonly done: readonly string[]
  readonly notDone: readonly string[]

  constructor(
    message: string,
    progress: { place: string; done: string[]; notDone: string[]; cause: unknown },
  ) {
    const hint = [
      progress.done.length === 0 ? 'nothing was changed' : `done: ${progress.done.join(', ')}`,
      `not done: ${progress.notDone.join(', ')}`,
      'deploy again to go on from here',
    ].join('\n')
    super(message, { place: progress.place, hint, cause: progress.cause })
    this.done = progress.done
    this.notDone = progress.notDone
  }
}

/**
 * Makes what the plan says, kind by kind in dependency order.
 *
 * @throws DeployError that says what was done and what was not
 */
export async function applyPlan(
  plan: Plan,
  clients: Clients,
  onDone: (action: PlannedAction) => void = () => {},
): Promise<void> {
  const todo = plan.actions.filter((action) => action.kind !== 'keep')
  const done = new Set<PlannedAction>()
  const failures: { action: PlannedAction; error: unknown }[] = []
  for (const kind of kindOrder) {
    const ofKind = todo.filter((action) => action.resource.kind === kind)
    await mapLimited(ofKind, 6, async (action) => {
      if (failures.length > 0) return
      try {
        await perform(action, clients)
        done.add(action)
        onDone(action)
      } catch (error) {
        failures.push({ action, error })
      }
    })
    const [failure] = failures
    if (failure !== undefined) {
      throw new DeployError(`${titleOf(failure.action)}: ${googleFailure(failure.error).message}`, {
        place: `environment ${plan.environment}`,
        done: todo.filter((action) => done.has(action)).map(titleOf),
        notDone: todo.filter((action) => !done.has(action)).map(titleOf),
        cause: failure.error,
      })
    }
  }
}

async function perform(action: PlannedAction, clients: Clients): Promise<void> {
  if (action.kind === 'create') await action.resource.create(clients)
  if (action.kind === 'change') await action.resource.update(clients, action.changes)
}

/** A resource as people name it: `table anilist_raw.list`. */
export function titleOf(action: PlannedAction): string {
  return `${action.resource.kind} ${action.resource.name}`
}
