import type { SimulatedRun, SimulatedTask } from './simulated-run.ts'

/** What a matcher says of a run: whether it holds, and why not. */
export interface Verdict {
  readonly pass: boolean
  message(): string
}

export interface RunExpectation {
  /** A task whose last try was over before the first one of this began. */
  readonly after?: string
  /** Tries that reached its service. */
  readonly times?: number
}

type States = Readonly<Record<string, SimulatedTask['state']>>

/** The run, or one of its tasks, succeeded. */
export function toHaveSucceeded(run: unknown, task?: string): Verdict {
  return inState(runOf(run), task, 'success')
}

/** The run, or one of its tasks, failed; with this code where one is given. */
export function toHaveFailed(run: unknown, task?: string, code?: string): Verdict {
  const simulated = runOf(run)
  const state = inState(simulated, task, 'failed')
  if (!state.pass || task === undefined || code === undefined) return state
  const actual = simulated.tasks[task]?.error?.code
  return verdict(actual === code, `task ${task} to fail with ${code}`, simulated, `it failed with ${actual}`)
}

/** A task was skipped; for this reason, or one that contains it, where one is given. */
export function toHaveSkipped(run: unknown, task: string, reason?: string): Verdict {
  const simulated = runOf(run)
  const state = inState(simulated, task, 'skipped')
  if (!state.pass || reason === undefined) return state
  const actual = simulated.tasks[task]?.reason ?? ''
  return verdict(
    actual.includes(reason),
    `task ${task} to be skipped for "${reason}"`,
    simulated,
    `the reason is "${actual}"`,
  )
}

/** Tasks ended in these states; tasks that are not named may end in any. */
export function toHaveTaskStates(run: unknown, states: States): Verdict {
  const simulated = runOf(run)
  const wrong = Object.entries(states).filter(([task, state]) => simulated.states[task] !== state)
  const wanted = `tasks to end as ${JSON.stringify(states)}`
  return verdict(
    wrong.length === 0,
    wanted,
    simulated,
    wrong.map(([task]) => stateText(simulated, task)).join('\n  '),
  )
}

/** A task's service was asked at least once; so many times, or after another task, where that is said. */
export function toHaveRun(run: unknown, task: string, expectation: RunExpectation = {}): Verdict {
  const simulated = runOf(run)
  const calls = known(simulated, task)?.calls ?? []
  const { after, times } = expectation
  if (calls.length === 0) return verdict(false, `task ${task} to run`, simulated, stateText(simulated, task))
  if (times !== undefined && calls.length !== times) {
    return verdict(false, `task ${task} to run ${times} times`, simulated, `it ran ${calls.length} times`)
  }
  if (after === undefined) return verdict(true, `task ${task} to run`, simulated, 'it ran')
  const first = Math.min(...calls.map(({ start }) => start))
  const ends = (known(simulated, after)?.calls ?? []).map(({ end }) => end ?? Number.POSITIVE_INFINITY)
  const last = ends.length === 0 ? null : Math.max(...ends)
  const text =
    last === null ? `${after} did not run` : `${task} began at ${first} ms, ${after} ended at ${last} ms`
  return verdict(last !== null && last <= first, `task ${task} to run after ${after}`, simulated, text)
}

function inState(
  run: SimulatedRun,
  task: string | undefined,
  state: 'success' | 'failed' | 'skipped',
): Verdict {
  const words = { success: 'succeed', failed: 'fail', skipped: 'be skipped' }[state]
  if (task === undefined) {
    const text =
      run.error === null ? `it ended as ${run.state}` : `it ended as ${run.state}: ${run.error.message}`
    return verdict(run.state === state, `the run to ${words}`, run, text)
  }
  return verdict(known(run, task)?.state === state, `task ${task} to ${words}`, run, stateText(run, task))
}

function known(run: SimulatedRun, task: string): SimulatedTask | undefined {
  return Object.hasOwn(run.tasks, task) ? run.tasks[task] : undefined
}

function stateText(run: SimulatedRun, id: string): string {
  const task = known(run, id)
  if (task === undefined) return `${id} is no task of DAG ${run.dag}: ${Object.keys(run.tasks).join(', ')}`
  const why = task.error === null ? task.reason : `${task.error.code}: ${task.error.message}`
  const tries = task.tries > 1 ? ` after ${task.tries} tries` : ''
  return `${id} ended as ${task.state}${tries}${why === null ? '' : ` (${why})`}`
}

/** The message suits whichever of the two ways the expectation was put. */
function verdict(pass: boolean, wanted: string, run: SimulatedRun, actual: string): Verdict {
  return {
    pass,
    message: () =>
      [
        `expected ${pass ? wanted.replace(' to ', ' not to ') : wanted}`,
        `  ${actual}`,
        '',
        `run ${run.runId} of DAG ${run.dag}: ${run.state}`,
        ...Object.keys(run.tasks).map((task) => `  ${stateText(run, task)}`),
      ].join('\n'),
  }
}

function runOf(value: unknown): SimulatedRun {
  if (typeof value === 'object' && value !== null && 'tasks' in value && 'states' in value)
    return value as SimulatedRun
  throw new TypeError('this matcher is for what simulate(…) resolved with: expect(await simulate(dag))')
}
