import type { TriggerRule } from '../../dsl/index.ts'
import {
  rules,
  setupRule,
  teardownRule,
  type Decision,
  type FinalState,
  type Rule,
  type Test,
} from './rules.ts'

/** What is known above a task when everything there has ended. */
export interface Upstream {
  /** A branch or a short circuit directly above has chosen otherwise, or one further above skips everything. */
  readonly excluded: boolean
  /** Of every instance of the tasks directly above, without failures that come too late to be seen. */
  readonly states: readonly FinalState[]
  /** Of the setups that it needs without coming right after them; of a teardown, of its own setups. */
  readonly setups: readonly FinalState[]
  /** Of what gives a teardown, or the group around it, its lists. @default none */
  readonly lists?: readonly FinalState[]
}

/** Decides as Airflow does: exclusion, no upstream tasks, `always`, setups, then the trigger rule. */
export function decide(rule: TriggerRule | 'teardown', upstream: Upstream): Decision {
  if (upstream.excluded) return 'skipped'
  if (rule === 'teardown') {
    const byLists = apply(setupRule, upstream.lists ?? [])
    const byOwn = upstream.setups.length === 0 ? 'run' : apply(teardownRule, upstream.setups)
    return strongest.find((decision) => decision === byLists || decision === byOwn) ?? 'run'
  }
  if (upstream.states.length + upstream.setups.length === 0 || rule === 'always') return 'run'
  const bySetups = upstream.setups.length === 0 ? 'run' : apply(setupRule, upstream.setups)
  const byRule = upstream.states.length === 0 ? 'run' : apply(rules[rule], upstream.states)
  // A failure wins over a skip, whichever of the two Airflow would see first.
  return strongest.find((decision) => decision === bySetups || decision === byRule) ?? 'run'
}

const strongest = ['upstream_failed', 'skipped'] as const

function apply(rule: Rule, states: readonly FinalState[]): Decision {
  return rule.find(({ when }) => holds(when, states))?.then ?? 'run'
}

function holds(test: Test, states: readonly FinalState[]): boolean {
  if ('any' in test) return test.any.some((state) => states.includes(state))
  return !test.none.some((state) => states.includes(state))
}
