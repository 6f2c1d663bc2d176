import type { TaskDefinition } from '../../dsl/index.ts'
import { routineName } from '../names.ts'
import type { RuleTests } from './decide.ts'
import { endingInFrame, withoutOutputs, type TaskFrame } from './task-end.ts'
import {
  assign,
  block,
  bool,
  call,
  except,
  expr,
  goto,
  int,
  param,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Parameter,
  type Step,
  type Subworkflow,
} from './language.ts'

/** What differs between task kinds. */
export interface Work {
  /** The steps of one try, from starting the work to returning the result. */
  readonly steps: readonly Step[]
  /** The task is given an input. */
  readonly hasInput: boolean
  /** Whether a container may have written a result of its own, which then counts more than what became of the job. */
  readonly writesResult?: boolean
  /** Whether a try that may have had an effect may be repeated. */
  readonly idempotent: boolean
  /** Further parameters, with their defaults. */
  readonly params?: readonly Parameter[]
  /** Further assignments before the next try. */
  readonly reset?: Readonly<Record<string, ReturnType<typeof int>>>
}

/** What is known of a task where it is lowered. */
export interface RoutinePlace {
  readonly hasUpstream: boolean
  /** One of several of a mapped task: whoever calls it says what is known of it. */
  readonly isInstance: boolean
  readonly tests: RuleTests
  readonly frame: TaskFrame
  /** Nothing looks into its output: it stays in the ledger. */
  readonly dropsOutput: boolean
  readonly comment: string
}

/**
 * The subworkflow of a task: decide, try, and return how it ended. No error leaves it, so that a failed task never
 * stops the tasks beside it. `task` is its id and map index, `load_raw/0`.
 */
export function taskRoutine(task: TaskDefinition, work: Work, place: RoutinePlace): Subworkflow {
  const params = [
    param('run'),
    ...(place.hasUpstream ? [param('upstream')] : []),
    ...(work.hasInput ? [param('input')] : []),
    param('task', str(`${task.id}/0`)),
    ...(place.isInstance ? [param('known', str(''))] : []),
    ...(work.params ?? []),
    param('try', int(1)),
  ]
  const { start, end } = place.frame
  const ending = end.length === 0 ? (steps: readonly Step[]) => steps : endingInFrame
  const leaving = place.dropsOutput ? withoutOutputs : (steps: readonly Step[]) => steps
  return subworkflow(
    routineName(task.id),
    params,
    leaving([
      step(
        'attempt',
        tryBody(block([decideStep(place), ...start, ...ending(work.steps)]), {
          except: except('e', ending(failureSteps(task, work))),
        }),
      ),
      ...end,
      ...notRunSteps(place),
    ]),
    place.comment,
  )
}

function decideStep({ tests, isInstance }: RoutinePlace): Step {
  const isKnown = isInstance ? 'known != "" or task in run.known' : 'task in run.known'
  const condition = tests.notRun === null ? isKnown : `${isKnown} or ${tests.notRun}`
  return step('decide', switchOn([when(condition, goto('not_run'))]))
}

/** Where the task does not run: known from an earlier execution, or decided by the tasks above. */
function notRunSteps({ hasUpstream, isInstance, tests }: RoutinePlace): readonly Step[] {
  return [
    step(
      'not_run',
      call('not_run', {
        args: {
          run: expr('run'),
          task: expr('task'),
          ...(hasUpstream && { upstream: expr('upstream') }),
          ...(tests.state !== null && { state: expr(tests.state) }),
          ...(isInstance && { known: expr('known') }),
        },
        result: 'ended',
      }),
    ),
    step('ended', returns(expr('ended'))),
  ]
}

/** After a try that failed: another one after a while, or the end. */
function failureSteps(task: TaskDefinition, work: Work): readonly Step[] {
  const failed = step(
    'failed',
    call('task_failed', {
      args: {
        run: expr('run'),
        task: expr('task'),
        try: expr('try'),
        error: expr('e'),
        ...(!work.idempotent && { idempotent: bool(false) }),
        ...(work.writesResult && { container: bool(true) }),
      },
      result: 'verdict',
    }),
  )
  if (task.retry.retries === 0) return [failed, step('give_up', returns(expr('verdict.result')))]
  return [
    failed,
    step('give_up', switchOn([when('verdict.delay == null', returns(expr('verdict.result')))])),
    step('wait', call('sys.sleep', { args: { seconds: expr('verdict.delay') } })),
    step('next_try', assign({ try: expr('try + 1'), ...work.reset }, { next: 'attempt' })),
  ]
}
