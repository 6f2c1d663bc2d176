import type { InstancesView, InstanceView, TaskView, Waiting } from '../run-view.ts'
import { withCommas } from '../../artifact/numbers.ts'
import { duration, plural } from './format.ts'
import { taskLook } from './state.ts'

/** What there is to say of a task besides its state, tries and time: short phrases. */
export function taskWords(task: TaskView): string[] {
  const { restored, decision, pokes, waiting, instances, reason } = task
  return [
    restored ? 'finished in an earlier execution' : null,
    instances === null || instances.total === 0 ? null : instancesWords(instances),
    decision,
    pokes === null || pokes === 0 ? null : `looked ${pokes === 1 ? 'once' : `${withCommas(pokes)} times`}`,
    waiting === null ? null : waitingWords(waiting),
    reason,
  ].filter((part) => part !== null)
}

function waitingWords({ message, command }: Waiting): string {
  return `waits for an answer${message === null ? '' : ` to "${message}"`}: ${command}`
}

/** Tries of a task; of a mapped one the most that an instance took. */
export function tryCount({ tries, instances }: TaskView): number {
  return Math.max(tries.length, ...(instances?.items ?? []).map((item) => item.tries.length))
}

/** `5 instances: 3 success, 2 failed`. */
export function instancesWords({ total, counts }: InstancesView): string {
  const states = Object.entries(taskLook).flatMap(([state, { word }]) => {
    const number = counts[state as keyof typeof counts]
    return number === undefined ? [] : [`${withCommas(number)} ${word}`]
  })
  return `${plural(total, 'instance')}: ${states.join(', ')}`
}

/** `instance 3: failed, 2 tries, 1.2 s: no such file`. */
export function instanceWords({
  index,
  state,
  tries,
  start,
  end,
  reason,
  error,
  restored,
}: InstanceView): string {
  const details = [
    taskLook[state].word,
    restored ? 'finished in an earlier execution' : null,
    tries.length > 1 ? `${withCommas(tries.length)} tries` : null,
    tries.length > 0 && start !== null && end !== null ? duration(end - start) : null,
  ].filter((part) => part !== null)
  const why = error?.message ?? reason
  return `instance ${index}: ${details.join(', ')}${why === null ? '' : `: ${why}`}`
}
