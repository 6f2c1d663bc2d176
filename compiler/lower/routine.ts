import type { TaskDefinition } from '../../dsl/index.ts'
import { routineName } from '../names.ts'
import type { RuleTests } from './decide.ts'
import { endInFrame, endingInFrame, withoutOutputs, type TaskFrame } from './task-end.ts'
import {
  assign,
  block,
  bool,
  call,
  except,
  expr,
  goto,
  otherwise,
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
}

/** What is known of a task where it is lowered. */
export interface RoutinePlace {
  readonly hasUpstream: boolean
  /** One of several of a mapped task: whoever calls it says what is known of it. */
  readonly isInstance: boolean
  readonly tests: RuleTests
  readonly frame: TaskFrame
  /** What nothing looks into is dropped here: it stays in the ledger. */
  readonly output: 'none' | 'dropped' | 'kept'
  readonly comment: string | undefined
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
  ]
  const { start, end } = place.frame
  const ending = end.length === 0 ? (steps: readonly Step[]) => steps : endingInFrame
  const leaving = place.output === 'dropped' ? withoutOutputs : (steps: readonly Step[]) => steps
  return subworkflow(
    routineName(task.id),
    params,
    [
      step(
        'attempt',
        tryBody(block([decideStep(place), ...start, ...leaving(ending(work.steps))]), {
          except: except('e', [step('failed', assign({ 'run.error': expr('e') }))]),
        }),
      ),
      settleStep(work, place),
      ...afterwards(task, place),
      ...leaving(end),
    ],
    place.comment,
  )
}

function decideStep({ tests, isInstance }: RoutinePlace): Step {
  const isKnown = isInstance ? 'known != "" or task in run.known' : 'task in run.known'
  const condition = tests.notRun === null ? isKnown : `${isKnown} or ${tests.notRun}`
  return step('decide', switchOn([when(condition, goto('settle'))]))
}

/** Without an error the task does not run: known from an earlier execution, or decided by the tasks above. */
function settleStep(work: Work, { hasUpstream, isInstance, tests, output }: RoutinePlace): Step {
  const args = {
    run: expr('run'),
    task: expr('task'),
    ...(hasUpstream && { upstream: expr('upstream') }),
    ...(tests.state !== null && { state: expr(tests.state) }),
    ...(isInstance && { known: expr('known') }),
    ...(!work.idempotent && { idempotent: bool(false) }),
    ...(!work.writesResult && { container: bool(false) }),
    ...(output === 'kept' && { output: bool(true) }),
  }
  return step('settle', call('settle', { args, result: 'ended' }))
}

/** The end, or another try after a while. */
function afterwards({ retry }: TaskDefinition, { frame }: RoutinePlace): readonly Step[] {
  const ended = returns(expr('ended'))
  const hasFrame = frame.end.length > 0
  if (retry.retries === 0 && !hasFrame) return [step('ended', ended)]
  const endings = [
    // What happens after the end of a task happens to those that have run.
    ...(hasFrame ? [when('run.error == null', ended)] : []),
    retry.retries === 0
      ? otherwise(endInFrame(expr('ended')))
      : when('"state" in ended', hasFrame ? endInFrame(expr('ended')) : ended),
  ]
  if (retry.retries === 0) return [step('ended', switchOn(endings))]
  return [
    step('ended', switchOn(endings)),
    step('wait', call('sys.sleep', { args: { seconds: expr('ended.delay') } })),
    // Its number, the name of what it writes, and no error: what went wrong with the last one is no reason any more.
    step('next_try', assign({ run: expr('map.merge(run, ended)') }, { next: 'attempt' })),
  ]
}
