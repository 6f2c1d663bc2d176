import { isSecret } from '../../dsl/hook.ts'
import type { DagDefinition, Hook, TaskDefinition } from '../../dsl/index.ts'
import { hookVariable, notifyTask } from '../hook-secrets.ts'
import { jobPart } from '../names.ts'
import {
  block,
  bool,
  call,
  except,
  expr,
  int,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type StepBody,
  type Subworkflow,
  type SwitchCondition,
  type Value,
} from './language.ts'
import { quoted } from './value.ts'

/** Name of the subworkflow that tells the hooks of a run, and of the step of `main` that calls it. */
const runRoutine = 'tell_hooks'

/** Tells the hooks of a run how it ended; null for a DAG without any. */
export function runHookRoutine({ onSuccess, onFailure }: DagDefinition): Subworkflow | null {
  const choice = choose({ onSuccess, onFailure }, 'summary', {
    event: 'event_of_run(run, summary)',
    about: '"_run/0"',
  })
  if (choice === null) return null
  return subworkflow(runRoutine, ['run', 'summary'], [step('tell', choice)], 'Tells how the run ended.')
}

/** The step of `main` that calls it: the run ends as it ended, whatever becomes of its hooks. */
export function runHookSteps({ onSuccess, onFailure }: DagDefinition): readonly Step[] {
  if (onSuccess.length + onFailure.length === 0) return []
  const lost = call('sys.log', {
    args: { text: expr('"the hooks of run " + run.run_id + " were not told"'), severity: str('WARNING') },
  })
  return [
    step(
      runRoutine,
      tryBody(call(runRoutine, { args: { run: expr('run'), summary: expr('summary') } }), {
        except: except('e', [step('hooks_lost', lost)]),
      }),
    ),
  ]
}

/** The step that tells the hooks of a task; null for one without any. */
export function taskHookStep(task: TaskDefinition, result: string): Step | null {
  const event = `event_of_task(run, task, ${result})`
  const choice = choose(task, result, { event, about: '"_hook." + task' })
  return choice === null ? null : step('tell', choice)
}

interface Occasion {
  /** The expression that gives the event. */
  readonly event: string
  /** Where a container's result goes, as an expression: a name that no task has. */
  readonly about: string
}

function choose(
  { onFailure, onSuccess }: Pick<TaskDefinition, 'onFailure' | 'onSuccess'>,
  result: string,
  occasion: Occasion,
): StepBody | null {
  const conditions = [
    // Odd and even numbers: one more hook for successes renumbers none for failures.
    { state: 'failed', name: 'on_failure', hooks: onFailure, first: 1 },
    { state: 'success', name: 'on_success', hooks: onSuccess, first: 2 },
  ].flatMap(({ state, name, hooks, first }): SwitchCondition[] => {
    if (hooks.length === 0) return []
    const calls = hooks.map((hook, index) =>
      step(index === 0 ? name : `${name}_${index + 1}`, tell(hook, first + 2 * index, occasion)),
    )
    return [when(`map.get(${result}, "state") == "${state}"`, block(calls))]
  })
  return conditions.length === 0 ? null : switchOn(conditions)
}

/** One call per hook; the helper catches what goes wrong with it. */
function tell(hook: Hook, number: number, { event, about }: Occasion): StepBody {
  const args: Record<string, Value> = { run: expr('run'), event: expr(event) }
  if (hook.kind === 'pubsub') return call('tell_topic', { args: { ...args, topic: str(hook.topic) } })
  const format = hook.format === 'chat' ? { chat: bool(true) } : {}
  if (!isSecret(hook.url)) {
    const helper = hook.auth === 'oidc' ? 'tell_address_signed' : 'tell_address'
    return call(helper, { args: { ...args, url: str(hook.url), ...format } })
  }
  return call('tell_secret_address', {
    args: {
      ...args,
      about: expr(about),
      // Each has an object of its own for the container's result.
      number: int(number),
      job: expr(`run.jobs + ${quoted(jobPart(notifyTask))}`),
      variable: str(hookVariable(hook.url.id)),
      ...format,
    },
  })
}
