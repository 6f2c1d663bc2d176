import type { RuleName } from './description.ts'

/** How many of the instances directly above a task are in which state. */
export interface Counts {
  /** success */
  readonly S: number
  /** failed */
  readonly F: number
  /** upstream_failed */
  readonly U: number
  /** skipped */
  readonly K: number
  /** removed */
  readonly R: number
  /** all of them */
  readonly n: number
  /** those that have not ended */
  readonly O: number
}

export type Verdict = 'run' | 'skipped' | 'upstream_failed' | 'wait'

type Row = readonly [condition: (counts: Counts) => boolean, verdict: Verdict]

const otherwise = () => true

/** Airflow's trigger rules: the first row whose condition holds decides, also while some above have not ended. */
const table: Readonly<Record<Exclude<RuleName, 'all_done_setup_success'>, readonly Row[]>> = {
  all_success: [
    [({ F, U }) => F + U > 0, 'upstream_failed'],
    [({ K }) => K > 0, 'skipped'],
    [({ S, R, n }) => S + R === n, 'run'],
    [otherwise, 'wait'],
  ],
  all_failed: [
    [({ S, K }) => S + K > 0, 'skipped'],
    [({ F, U, R, n }) => F + U + R === n, 'run'],
    [otherwise, 'wait'],
  ],
  all_done: [
    [({ O }) => O === 0, 'run'],
    [otherwise, 'wait'],
  ],
  all_done_min_one_success: [
    [({ K }) => K > 0, 'skipped'],
    [({ O, S }) => O === 0 && S === 0, 'upstream_failed'],
    [({ O, S }) => O === 0 && S > 0, 'run'],
    [otherwise, 'wait'],
  ],
  all_skipped: [
    [({ S, F, U }) => S + F + U > 0, 'skipped'],
    [({ K, n }) => K === n, 'run'],
    [otherwise, 'wait'],
  ],
  one_success: [
    [({ S }) => S > 0, 'run'],
    [({ O, K, n }) => O === 0 && K === n, 'skipped'],
    [({ O }) => O === 0, 'upstream_failed'],
    [otherwise, 'wait'],
  ],
  one_failed: [
    [({ F, U }) => F + U > 0, 'run'],
    [({ O }) => O === 0, 'skipped'],
    [otherwise, 'wait'],
  ],
  one_done: [
    [({ S, F }) => S + F > 0, 'run'],
    [({ O }) => O === 0, 'skipped'],
    [otherwise, 'wait'],
  ],
  none_failed: [
    [({ F, U }) => F + U > 0, 'upstream_failed'],
    [({ S, K, R, n }) => S + K + R === n, 'run'],
    [otherwise, 'wait'],
  ],
  none_failed_min_one_success: [
    [({ F, U }) => F + U > 0, 'upstream_failed'],
    [({ K, n }) => K === n, 'skipped'],
    [({ S, K, R, n }) => S + K + R === n, 'run'],
    [otherwise, 'wait'],
  ],
  none_skipped: [
    [({ K }) => K > 0, 'skipped'],
    [({ O }) => O === 0, 'run'],
    [otherwise, 'wait'],
  ],
  always: [[otherwise, 'run']],
}

/**
 * What a rule says of the instances directly above. A teardown's rule also looks at those of its setups that stand
 * directly above.
 */
export function applyRule(rule: RuleName, counts: Counts, setups: Counts): Verdict {
  if (rule === 'all_done_setup_success') return applyTeardownRule(counts, setups)
  return table[rule].find(([condition]) => condition(counts))?.[1] ?? 'wait'
}

function applyTeardownRule({ O }: Counts, setups: Counts): Verdict {
  if (O > 0) return 'wait'
  if (setups.n > 0 && setups.K === setups.n) return 'skipped'
  if (setups.n > 0 && setups.S === 0) return 'upstream_failed'
  return 'run'
}

/** Setups that a task needs without coming right after them: whatever its own rule says. */
export function applySetups({ F, U, K, S, n }: Counts): Verdict {
  if (F + U > 0) return 'upstream_failed'
  if (K > 0) return 'skipped'
  return S === n ? 'run' : 'wait'
}

/** What supplies the lists of a mapped task, as far as it is a task that was not repeated itself. */
export function applyExpansion({ F, U, K, S, n }: Counts): Verdict {
  if (F + U > 0) return 'upstream_failed'
  if (K > 0) return 'skipped'
  return S === n ? 'run' : 'wait'
}

const letters = { success: 'S', failed: 'F', upstream_failed: 'U', skipped: 'K' } as const

/** Counts states; null stands for one that has not ended. */
export function count(states: readonly (keyof typeof letters | null)[]): Counts {
  const counts = { S: 0, F: 0, U: 0, K: 0, R: 0, n: states.length, O: 0 }
  for (const state of states) counts[state === null ? 'O' : letters[state]] += 1
  return counts
}
