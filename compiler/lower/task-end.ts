import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { taskHookStep } from './hooks.ts'
import {
  assign,
  block,
  call,
  except,
  expr,
  goto,
  returns,
  step,
  tryBody,
  type Step,
  type StepBody,
} from './language.ts'

/**
 * What happens besides a task's work: lines about its start and its end, hooks that are told. Empty for the tasks that
 * have neither, whose work simply returns.
 */
export interface TaskFrame {
  /** Before each try. */
  readonly start: readonly Step[]
  /** After the last one; the work jumps there with the task's result. */
  readonly end: readonly Step[]
}

/** The variable that the result stands in meanwhile. */
const result = 'task_result'
const endName = 'task_end'

export function taskFrame({ id, logTasks }: DagDefinition, task: TaskDefinition): TaskFrame {
  const args = { run: expr('run'), task: expr('task'), try: expr('try') }
  const logs = logTasks === 'all'
  const tell = taskHookStep(id, task, result)
  const end = [
    ...(logs ? [step('log_end', call('log_task', { args: { ...args, result: expr(result) } }))] : []),
    ...(tell === null ? [] : [tell]),
  ]
  if (end.length === 0) return { start: [], end: [] }
  return {
    start: logs ? [step('log_start', call('log_task', { args }))] : [],
    end: [
      // The task has ended: nothing that goes wrong from here on may change how.
      step(endName, tryBody(block(end), { except: except('e', [step('end_lost', goto('told'))]) })),
      step('told', returns(expr(result))),
    ],
  }
}

/** The same steps, with a jump to the end of the task's frame wherever they returned its result. */
export function endingInFrame(steps: readonly Step[]): readonly Step[] {
  return steps.map((each) => ({ ...each, body: withoutReturn(each.body) }))
}

function withoutReturn(body: StepBody): StepBody {
  switch (body.kind) {
    case 'return':
      return assign({ [result]: body.value }, { next: endName })
    case 'steps':
      return { ...body, steps: endingInFrame(body.steps) }
    case 'switch':
      return {
        ...body,
        conditions: body.conditions.map((each) => ({ ...each, body: withoutReturn(each.body) })),
      }
    case 'try':
      return {
        ...body,
        body: body.body.kind === 'steps' ? block(endingInFrame(body.body.steps)) : body.body,
        ...(body.except && { except: { ...body.except, steps: endingInFrame(body.except.steps) } }),
      }
    case 'for':
      return { ...body, loop: { ...body.loop, steps: endingInFrame(body.loop.steps) } }
    default:
      // Branches of a parallel step may neither return nor jump out.
      return body
  }
}
