import type { Clients } from '../deploy/clients.ts'
import type { Compiled } from '../deploy/compiled.ts'
import type { Plan, PlannedAction } from '../deploy/plan.ts'

/** Deploys a compiled DAG and returns what was planned. */
export async function deploy(
  compiled: Compiled,
  clients: Clients,
  onDone?: (action: PlannedAction) => void,
): Promise<Plan> {
  const [{ planDeployment }, { applyPlan }] = await Promise.all([
    import('../deploy/plan.ts'),
    import('../deploy/apply.ts'),
  ])
  const plan = await planDeployment(compiled, clients)
  await applyPlan(plan, clients, onDone)
  return plan
}

/** What an applied plan came to. */
export function doneText({ dag, environment, actions }: Plan): string {
  const [created, changed, kept] = countKinds(actions)
  return `${dag} -> ${environment}: ${created} created, ${changed} changed, ${kept} up to date`
}

/** A plan as text: what is created, what changes and how; what stays as it is is only counted. */
export function planText(plan: Plan): string {
  const [create, change, keep] = countKinds(plan.actions)
  const title = `${plan.dag} -> ${plan.environment}: ${create} to create, ${change} to change, ${keep} up to date`
  return [title, ...plan.actions.flatMap(actionLines)].join('\n')
}

function countKinds(actions: readonly PlannedAction[]): [number, number, number] {
  const count = (kind: PlannedAction['kind']) => actions.filter((action) => action.kind === kind).length
  return [count('create'), count('change'), count('keep')]
}

function actionLines(action: PlannedAction): string[] {
  const { kind, name } = action.resource
  if (action.kind === 'keep') return []
  if (action.kind === 'create') return [`  + ${kind} ${name}`]
  return [
    `  ~ ${kind} ${name}`,
    ...action.changes.map(({ fact, from, to }) => `      ${fact}: ${from ?? '(none)'} -> ${to ?? '(none)'}`),
  ]
}
