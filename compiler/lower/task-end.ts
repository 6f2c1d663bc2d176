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
  type Value,
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

export function taskFrame({ logTasks }: DagDefinition, task: TaskDefinition): TaskFrame {
  const args = { run: expr('run'), task: expr('task') }
  const logs = logTasks === 'all'
  const tell = taskHookStep(task, result)
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

/** Goes on to the end of the task's frame with the task's result. */
export function endInFrame(value: Value): StepBody {
  return assign({ [result]: value }, { next: endName })
}

/** The same steps, with a jump to the end of the task's frame wherever they returned its result. */
export function endingInFrame(steps: readonly Step[]): readonly Step[] {
  return withReturns(steps, endInFrame)
}

/** The same steps, with an output left out of what they return. */
export function withoutOutputs(steps: readonly Step[]): readonly Step[] {
  return withReturns(steps, (value) => returns(withoutOutput(value)))
}

function withoutOutput(value: Value): Value {
  if (value.kind === 'expression') return expr(`map.delete(${value.source}, "output")`)
  if (value.kind !== 'map') return value
  return { ...value, entries: value.entries.filter(({ key }) => key !== 'output') }
}

function withReturns(steps: readonly Step[], replace: (value: Value) => StepBody): readonly Step[] {
  return steps.map((each) => ({ ...each, body: withReturn(each.body, replace) }))
}

function withReturn(body: StepBody, replace: (value: Value) => StepBody): StepBody {
  const inner = (steps: readonly Step[]) => withReturns(steps, replace)
  switch (body.kind) {
    case 'return':
      return replace(body.value)
    case 'steps':
      return { ...body, steps: inner(body.steps) }
    case 'switch':
      return {
        ...body,
        conditions: body.conditions.map((each) => ({ ...each, body: withReturn(each.body, replace) })),
      }
    case 'try':
      return {
        ...body,
        body: body.body.kind === 'steps' ? block(inner(body.body.steps)) : body.body,
        ...(body.except && { except: { ...body.except, steps: inner(body.except.steps) } }),
      }
    case 'for':
      return { ...body, loop: { ...body.loop, steps: inner(body.loop.steps) } }
    default:
      // Branches of a parallel step may neither return nor jump out.
      return body
  }
}
