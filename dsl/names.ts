import type { Location } from './location.ts'
import type { Problems } from './problems.ts'

/**
 * Ids become names of workflow steps, subworkflows, jobs and labels. 50 characters leave room for the prefixes that
 * these need (`result_`, `task_`, `<dag>--`).
 */
const longest = 50
const snakeCase = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/

/** Names that the compiled workflow keeps for itself, and jump targets of the Workflows language. */
const reserved = new Set([
  'break',
  'complete_run',
  'continue',
  'end',
  'end_run',
  'finish_run',
  'lock_run',
  'main',
  'resolve_run',
  'run_failed',
  'run_succeeded',
  'run_tasks',
  'start_run',
  'tell_hooks',
  'workflow_failed',
])

/** Whether an id is lower snake case, short enough and free; says so otherwise. */
export function checkId(id: unknown, what: string, problems: Problems, at: Location | null): boolean {
  if (typeof id !== 'string' || !snakeCase.test(id) || id.length > longest) {
    problems.add(
      'DAG101',
      `${what} id ${JSON.stringify(id) ?? String(id)} is not usable`,
      `ids are lower snake case, at most ${longest} characters${suggestion(id)}`,
      at,
    )
    return false
  }
  if (reserved.has(id)) {
    problems.add('DAG101', `${what} id "${id}" is taken by the compiled workflow`, 'choose another id', at)
    return false
  }
  return true
}

function suggestion(id: unknown): string {
  if (typeof id !== 'string') return ''
  const better = id
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '')
    .slice(0, longest)
  return snakeCase.test(better) ? `, e.g. ${better}` : ''
}
