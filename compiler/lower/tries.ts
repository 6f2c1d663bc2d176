import type { TaskDefinition } from '../../dsl/index.ts'
import { routineName } from '../names.ts'
import {
  assign,
  block,
  call,
  double,
  except,
  expr,
  goto,
  int,
  map,
  param,
  returns,
  retry,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type RetryPolicy,
  type Step,
  type Subworkflow,
  type Value,
} from './language.ts'
import { quoted } from './value.ts'

/** What differs between task kinds: the steps of one try, from starting the work to a result worth recording. */
export interface Attempt {
  /** What is assigned at the start of each try, besides `try` and `files`. */
  readonly start: Readonly<Record<string, Value>>
  /** From starting the work to a result worth recording. */
  readonly steps: readonly Step[]
  /** The task's output. */
  readonly output: Value
  /** Steps that end the try otherwise; they stand behind the one that succeeds. */
  readonly otherEnds: readonly Step[]
  readonly predicate: string
  readonly hasInput: boolean
}

/**
 * The subworkflow of a task: decide, try, and return one of the task states. No error leaves it, so that a failed task
 * never stops the tasks beside it.
 */
export function taskRoutine(
  task: TaskDefinition,
  upstream: readonly string[],
  attempt: Attempt,
  comment: string,
): Subworkflow {
  const given = ['run', ...(upstream.length > 0 ? ['upstream'] : []), ...(attempt.hasInput ? ['input'] : [])]
  const tries = tryBody(block(attemptSteps(task, attempt)), {
    ...(task.retry.retries > 0 && { retry: retryOf(task, attempt.predicate) }),
    except: except('e', [step('failed', returns(expr('failure(try, e)')))]),
  })
  // A retry runs the whole try again, so that the count starts outside of it: as a parameter that nobody gives.
  const params = [...given.map((name) => param(name)), param('try', int(0))]
  return subworkflow(routineName(task.id), params, [...decideSteps(upstream), step('tries', tries)], comment)
}

function attemptSteps(task: TaskDefinition, attempt: Attempt): readonly Step[] {
  const start = {
    try: expr('try + 1'),
    files: expr(`task_files(run, ${quoted(task.id)}, try)`),
    ...attempt.start,
  }
  const success = { state: str('success'), tries: expr('try'), output: attempt.output }
  return [
    step('next_try', assign(start)),
    ...attempt.steps,
    recordSuccess(attempt.output),
    step('succeeded', returns(map(success))),
    ...attempt.otherEnds,
  ]
}

/** The ledger's pointer: what a later run of the same logical date finds of this one. */
function recordSuccess(output: Value): Step {
  return step(
    'record_success',
    call('googleapis.storage.v1.objects.insert', {
      args: {
        bucket: expr('run.bucket'),
        name: expr('files.success'),
        uploadType: str('media'),
        body: map({ execution: expr('run.execution'), try: expr('try'), output }),
      },
    }),
  )
}

/** All upstream tasks must have succeeded; a failure wins over a skip. */
function decideSteps(upstream: readonly string[]): readonly Step[] {
  if (upstream.length === 0) return []
  const failed = conditions(upstream, (state) => `${state} in ["failed", "upstream_failed"]`)
  const skipped = conditions(upstream, (state) => `${state} == "skipped"`)
  const decisions = [
    ...failed.map((condition) => when(condition, goto('upstream_failed'))),
    ...skipped.map((condition) => when(condition, goto('upstream_skipped'))),
  ]
  return [
    step('decide', switchOn(decisions, { next: 'tries' })),
    step('upstream_failed', returns(expr('not_run("upstream_failed", upstream)'))),
    step('upstream_skipped', returns(expr('not_run("skipped", upstream)'))),
  ]
}

/** Expressions are bound to 400 characters; as many tests as fit are joined into one. */
const longestExpression = 390

function conditions(upstream: readonly string[], test: (state: string) => string): readonly string[] {
  return upstream.reduce<string[]>((joined, id) => {
    const own = test(`upstream.${id}`)
    const last = joined.at(-1)
    const longer = `${last} or ${own}`
    if (last !== undefined && longer.length <= longestExpression) joined[joined.length - 1] = longer
    else joined.push(own)
    return joined
  }, [])
}

function retryOf({ retry: policy }: TaskDefinition, predicate: string): RetryPolicy {
  return retry({
    predicate,
    maxRetries: int(policy.retries),
    initialDelay: int(policy.delaySeconds),
    maxDelay: int(policy.maxDelaySeconds),
    multiplier: Number.isInteger(policy.backoff) ? int(policy.backoff) : double(policy.backoff),
  })
}
