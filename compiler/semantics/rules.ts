import type { TriggerRule } from '../../dsl/index.ts'

/** How a task ended. https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html#task-instances */
export type FinalState = 'success' | 'failed' | 'upstream_failed' | 'skipped'

/** What becomes of a task once everything above it has ended. */
export type Decision = 'run' | 'skipped' | 'upstream_failed'

/** True when one of the states stands among those above (`any`), or none of them does (`none`). */
export type Test = { readonly any: readonly FinalState[] } | { readonly none: readonly FinalState[] }

/** The first clause whose test holds decides; where none does, the task runs. */
export interface Clause {
  readonly when: Test
  readonly then: Exclude<Decision, 'run'>
}

export type Rule = readonly Clause[]

const failures: readonly FinalState[] = ['failed', 'upstream_failed']
const onFailure: Clause = { when: { any: failures }, then: 'upstream_failed' }
const onSkip: Clause = { when: { any: ['skipped'] }, then: 'skipped' }

/**
 * Airflow's trigger rules. Once every task above has ended, each of them depends only on which states are there, not on
 * how many; where Airflow decides earlier and the result hangs on which state comes first, a failure wins over a skip, unless it
 * comes too late in every order (late-failures.ts).
 * https://github.com/apache/airflow/blob/main/airflow-core/src/airflow/ti_deps/deps/trigger_rule_dep.py
 */
export const rules: Readonly<Record<TriggerRule, Rule>> = {
  all_success: [onFailure, onSkip],
  all_failed: [{ when: { any: ['success', 'skipped'] }, then: 'skipped' }],
  all_done: [],
  all_done_min_one_success: [onSkip, { when: { none: ['success'] }, then: 'upstream_failed' }],
  all_skipped: [{ when: { any: ['success', ...failures] }, then: 'skipped' }],
  one_success: [
    { when: { none: ['success', ...failures] }, then: 'skipped' },
    { when: { none: ['success'] }, then: 'upstream_failed' },
  ],
  one_failed: [{ when: { none: failures }, then: 'skipped' }],
  one_done: [{ when: { none: ['success', 'failed'] }, then: 'skipped' }],
  none_failed: [onFailure],
  none_failed_min_one_success: [onFailure, { when: { none: ['success'] }, then: 'skipped' }],
  none_skipped: [onSkip],
  always: [],
}

/** Setups that a task needs although it does not come right after them. */
export const setupRule: Rule = [onFailure, onSkip]

/** A teardown looks at its own setups only: one of them must have succeeded. Airflow's `all_done_setup_success`. */
export const teardownRule: Rule = [
  { when: { none: ['success', ...failures] }, then: 'skipped' },
  { when: { none: ['success'] }, then: 'upstream_failed' },
]
