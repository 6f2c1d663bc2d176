import { isSecret } from '../dsl/hook.ts'
import type { DagDefinition, Hook } from '../dsl/index.ts'
import type { Problems } from '../dsl/problems.ts'
import { jobId } from './names.ts'

/** The job that posts to addresses that are secrets; `notify` is not an id that a step of such a DAG may have. */
export const notifyTask = 'notify'

export function notifyJobId(dag: string): string {
  return jobId(dag, notifyTask)
}

/** Every hook of a DAG: those of its runs and of its tasks. */
export function hooksOf({ onSuccess, onFailure, tasks }: DagDefinition): readonly Hook[] {
  return [...onSuccess, ...onFailure, ...tasks.flatMap((task) => [...task.onSuccess, ...task.onFailure])]
}

/** Ids of the secrets that hold addresses of hooks, sorted. */
export function hookSecrets(definition: DagDefinition): readonly string[] {
  const ids = hooksOf(definition).flatMap((hook) =>
    hook.kind === 'webhook' && isSecret(hook.url) ? [hook.url.id] : [],
  )
  return [...new Set(ids)].toSorted()
}

/** The variable of the job that carries a secret; named after it, so that other hooks change nothing. */
export function hookVariable(secret: string): string {
  return `HOOK_${secret.replaceAll('-', '_').toUpperCase()}`
}

/** What would leave two things of the job with one name. */
export function checkHooks(definition: DagDefinition, problems: Problems): void {
  const secrets = hookSecrets(definition)
  if (secrets.length === 0) return
  const own = definition.tasks.find(({ id, kind }) => id === notifyTask && kind === 'step')
  if (own) {
    problems.add(
      'DAG115',
      `job ${notifyJobId(definition.id)} of task ${own.id} is also the one that calls secret webhooks`,
      'give the task another id',
      own.at,
    )
  }
  const seen = new Map<string, string>()
  for (const secret of secrets) {
    const other = seen.get(hookVariable(secret))
    if (other !== undefined) {
      problems.add(
        'DAG115',
        `secrets ${other} and ${secret} would reach hooks in one variable, ${hookVariable(secret)}`,
        'name secrets so that they differ in more than case, - and _',
      )
    }
    seen.set(hookVariable(secret), secret)
  }
}
