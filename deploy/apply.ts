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

  constructor(message: string, place: string, progress: Progress, cause: unknown) {
    const hint = [
      'deploy again to go on from here',
      progress.done.length === 0 ? 'nothing was changed' : `done: ${summary(progress.done)}`,
      `not done: ${summary(progress.notDone)}`,
    ].join('\n')
    super('DAG805', message, { place, hint, cause })
    this.done = progress.done.map(titleOf)
    this.notDone = progress.notDone.map(titleOf)
  }
}

interface Progress {
  readonly done: readonly PlannedAction[]
  readonly notDone: readonly PlannedAction[]
}

/** Few resources of a kind by name, many by number. */
function summary(actions: readonly PlannedAction[]): string {
  return kindOrder
    .flatMap((kind) => {
      const names = actions.flatMap(({ resource }) => (resource.kind === kind ? [resource.name] : []))
      if (names.length > 2) return [`${names.length} ${kind}s`]
      return names.map((name) => `${kind} ${name}`)
    })
    .join(', ')
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
      const progress = {
        done: todo.filter((action) => done.has(action)),
        notDone: todo.filter((action) => !done.has(action)),
      }
      const message = `${titleOf(failure.action)}: ${googleFailure(failure.error).message}`
      throw new DeployError(message, `environment ${plan.environment}`, progress, failure.error)
    }
  }
}

async function perform(action: PlannedAction, clients: Clients): Promise<void> {
  if (action.kind === 'create') await action.resource.create(clients)
  if (action.kind === 'change') await action.resource.update(clients, action.changes)
}

/** A resource as people name it: `table anilist_raw.list`. */
function titleOf(action: PlannedAction): string {
  return `${action.resource.kind} ${action.resource.name}`
}
