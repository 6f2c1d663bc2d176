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

/** A plan as text: what is created, what changes and how; what stays as it is is only counted. */
export function planText(plan: Plan): string {
  const count = (kind: PlannedAction['kind']) => plan.actions.filter((action) => action.kind === kind).length
  const title = `${plan.dag} -> ${plan.environment}: ${count('create')} to create, ${count('change')} to change, ${count('keep')} up to date`
  return [title, ...plan.actions.flatMap(actionLines)].join('\n')
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
