import type { Clients } from './clients.ts'
import type { Compiled } from './compiled.ts'
import { desiredResources } from './desired.ts'
import { googleFailure } from './google-error.ts'
import { mapLimited } from './pool.ts'
import type { FactChange, Facts, Resource } from './resource.ts'
import { UserError } from './user-error.ts'

export type PlannedAction =
  | { readonly kind: 'create'; readonly resource: Resource }
  | { readonly kind: 'change'; readonly resource: Resource; readonly changes: readonly FactChange[] }
  | { readonly kind: 'keep'; readonly resource: Resource }

/** What `dag deploy` is going to do, resource by resource in dependency order. */
export interface Plan {
  readonly dag: string
  readonly environment: string
  readonly actions: readonly PlannedAction[]
}

/**
 * Compares what should exist with what does.
 *
 * @throws UserError where a change cannot be made in place, naming all such changes
 */
export async function planDeployment(compiled: Compiled, clients: Clients): Promise<Plan> {
  const resources = desiredResources(compiled, clients.environment)
  const actions = await mapLimited(resources, 8, async (resource): Promise<PlannedAction> => {
    const actual = await resource.read(clients).catch((error: unknown) => {
      throw unreadable(resource, clients, error)
    })
    if (actual === null) return { kind: 'create', resource }
    const changes = differences(actual, resource.facts)
    return changes.length === 0 ? { kind: 'keep', resource } : { kind: 'change', resource, changes }
  })
  const refused = actions.flatMap((action) =>
    action.kind === 'change'
      ? action.changes.flatMap((change) => {
          const reason = action.resource.refuse?.(change)
          return reason === undefined ? [] : [`${action.resource.kind} ${action.resource.name}: ${reason}`]
        })
      : [],
  )
  if (refused.length > 0) {
    throw new UserError('DAG806', refused.join('\n'), {
      place: `environment ${clients.environment.name}`,
      hint: 'nothing was changed',
    })
  }
  return { dag: compiled.manifest.dag, environment: clients.environment.name, actions }
}

/** True when applying would do nothing. */
export function isNoOp(plan: Plan): boolean {
  return plan.actions.every((action) => action.kind === 'keep')
}

/** Facts that differ, in the order in which people read them: what is declared first, what is gone last. */
export function differences(actual: Facts, desired: Facts): FactChange[] {
  const names = [...new Set([...Object.keys(desired), ...Object.keys(actual)])]
  return names.flatMap((fact) => {
    const from = actual[fact] ?? null
    const to = desired[fact] ?? null
    return from === to ? [] : [{ fact, from, to }]
  })
}

function unreadable(resource: Resource, clients: Clients, error: unknown): UserError {
  const { status, message } = googleFailure(error)
  const hint =
    status === 401 || status === 403 || message.includes('default credentials')
      ? 'sign in with `gcloud auth application-default login`, with the roles listed in the manifest'
      : status === 0 && clients.environment.emulator !== null
        ? `is the emulator at ${clients.environment.emulator} still running?`
        : undefined
  return new UserError('DAG805', `cannot read ${resource.kind} ${resource.name}: ${message}`, {
    place: `environment ${clients.environment.name}`,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}
