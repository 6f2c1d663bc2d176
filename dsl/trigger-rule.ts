/**
 * When a task runs, by the final states of the tasks directly above it. Airflow's rules, with its names:
 * https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules
 * What each one decides: docs/trigger-rules.md.
 */
export const triggerRules = [
  'all_success',
  'all_failed',
  'all_done',
  'all_done_min_one_success',
  'all_skipped',
  'one_success',
  'one_failed',
  'one_done',
  'none_failed',
  'none_failed_min_one_success',
  'none_skipped',
  'always',
] as const

export type TriggerRule = (typeof triggerRules)[number]
