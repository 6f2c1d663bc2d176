/** What a reason is read with: the kinds of the tasks that it names, and the rule of the task itself. */
export interface ReasonContext {
  readonly kindOf: (task: string) => string | undefined
  /** @default 'all_success' */
  readonly rule?: string | undefined
}

const one = String.raw`[a-z][a-z0-9_]*[=:>][a-z_]+`
const whole = new RegExp(`^${one}([,;] ${one})*$`)

/**
 * Why a task did not run, in words. The compiled workflow gives the states of the tasks above as they stand in the text
 * that decided, `a=success, choose=excluded; open:success`; here only those are named that kept the task from running,
 * not the failures that came too late for that, `b>failed`.
 * What a step says of itself stays as it is.
 */
export function readableReason(reason: string, { kindOf, rule = 'all_success' }: ReasonContext): string {
  if (!whole.test(reason)) return reason
  const states = [...reason.matchAll(/([a-z][a-z0-9_]*)([=:>])([a-z_]+)/g)].map(
    ([, task = '', sign = '', state = '']) => ({ task, sign, state }),
  )
  const excluded = states.filter(({ state }) => state === 'excluded')
  if (excluded.length > 0) {
    return listed(
      excluded.map(({ task }) =>
        kindOf(task) === 'branch' ? `not chosen by ${task}` : `stopped by ${task}`,
      ),
    )
  }
  const setups = states.filter(({ sign, state }) => sign === ':' && state !== 'success' && state !== 'open')
  if (setups.some(({ state }) => state !== 'skipped')) return inWords(setups)
  const above = states.filter(({ sign }) => sign === '=')
  if (rule === 'all_success') {
    return inWords([...above, ...setups].filter(({ state }) => state !== 'success'))
  }
  return above.length === 0 ? inWords(setups) : `by its rule ${rule}: ${inWords(above)}`
}

const words: Readonly<Record<string, string>> = {
  success: 'succeeded',
  upstream_failed: 'could not run',
  cancelled: 'was cancelled',
}

/** Tasks of the same state together, in the order in which the states come. */
function inWords(states: readonly { readonly task: string; readonly state: string }[]): string {
  const byState = new Map<string, Set<string>>()
  for (const { task, state } of states) {
    byState.set(state, (byState.get(state) ?? new Set()).add(task))
  }
  return listed([...byState].map(([state, tasks]) => `${[...tasks].join(', ')} ${words[state] ?? state}`))
}

function listed(parts: readonly string[]): string {
  return [...new Set(parts)].join('; ')
}
