import type { TaskDefinition } from '../../dsl/index.ts'
import {
  rules,
  setupRule,
  teardownRule,
  type Clause,
  type FinalState,
  type Rule,
} from '../semantics/index.ts'
import type { UpstreamText } from './upstream.ts'

/** A trigger rule as tests of the text about the tasks above. */
export interface RuleTests {
  /** An expression that is true where the task does not run; null where it always does. */
  readonly notRun: string | null
  /** The state that it then ends in, as an expression; null for what `settle` takes where it is told nothing. */
  readonly state: string | null
}

/**
 * `=` before a state says that the task's rule looks at it, `:` that it is a setup or a short circuit further above, `<`
 * that it gives a teardown its lists.
 */
type Sign = '=' | ':' | '<' | '[=:]'

/** Clauses together with the sign of the states that they look at. */
interface SignedClause extends Clause {
  readonly sign: Sign
}

/** The mapped group around the task has no instances: what its rule would let run is skipped. */
const empty = 'text.match_regex(upstream, ":empty")'

const exclusion = 'text.match_regex(upstream, "[=:]excluded")'

/** How a task decides from its upstream text. docs/trigger-rules.md says the same in words. */
export function ruleTests(task: TaskDefinition, upstream: UpstreamText): RuleTests {
  const clauses = clausesOf(task, upstream)
  const { mayBeExcluded, mayBeEmpty } = upstream
  if (clauses.length === 0 && !mayBeExcluded && !mayBeEmpty) return { notRun: null, state: null }
  const tests = clauses.length > 0 || mayBeExcluded ? [mergeTests(clauses, mayBeExcluded)] : []
  return {
    notRun: [...tests, ...(mayBeEmpty ? [empty] : [])].join(' or '),
    state: isUsual(task, clauses, mayBeEmpty) ? null : stateOf(clauses, upstream, task.teardown !== null),
  }
}

function clausesOf(
  task: TaskDefinition,
  { hasTasks, hasSetups, hasLists }: UpstreamText,
): readonly SignedClause[] {
  const signed = (rule: Rule, sign: Sign) => rule.map((clause) => ({ ...clause, sign }))
  if (task.teardown !== null) {
    const own = hasSetups ? signed(teardownRule, ':') : []
    const [failed, skipped] = hasLists ? signed(setupRule, '<') : []
    return [...(failed ? [failed] : []), ...own, ...(skipped ? [skipped] : [])]
  }
  if (task.triggerRule === 'always') return []
  const own = hasTasks ? rules[task.triggerRule] : []
  if (!hasSetups) return signed(own, '=')
  if (task.triggerRule === 'all_success') return signed(rules.all_success, hasTasks ? '[=:]' : ':')
  return [...signed(setupRule, ':'), ...signed(own, '=')]
}

/** One test of all states whose presence decides, and one for each whose absence does. */
function mergeTests(clauses: readonly SignedClause[], mayBeExcluded: boolean): string {
  const present = clauses.flatMap(({ when, sign }) => ('any' in when ? [{ sign, states: when.any }] : []))
  const signs = [...new Set(present.map(({ sign }) => sign))]
  const one = signs.length === 1 && signs[0] !== undefined ? signs[0] : null
  // The exclusion joins a test of presence where there is one: one regular expression is faster read than two.
  // With setups alone that would read what the rule does not look at: the states behind an equals sign.
  const joined = mayBeExcluded && (one === '=' || one === '[=:]')
  const regexes = signs.map((sign) => {
    const states = new Set<FinalState | 'excluded'>(
      present.filter((item) => item.sign === sign).flatMap((item) => [...item.states]),
    )
    if (joined) states.add('excluded')
    return matches(joined ? '[=:]' : sign, [...states])
  })
  const absent = weakest(clauses).filter(({ when }) => 'none' in when)
  return [...(mayBeExcluded && !joined ? [exclusion] : []), ...regexes, ...absent.map(testOf)].join(' or ')
}

/** Without the absence of many where the absence of fewer is tested too. */
function weakest(clauses: readonly SignedClause[]): readonly SignedClause[] {
  const absences = clauses.flatMap(({ when }) => ('none' in when ? [when.none] : []))
  return clauses.filter(({ when }) => {
    if (!('none' in when)) return true
    return !absences.some(
      (other) => other.length < when.none.length && other.every((state) => when.none.includes(state)),
    )
  })
}

function testOf({ when, sign }: SignedClause): string {
  return 'any' in when ? matches(sign, when.any) : `not(${matches(sign, when.none)})`
}

/** What most tasks test for, which stands in `run.not_success`: a task above that did anything but succeed. */
export const notSuccess = regexOf('=', ['failed', 'upstream_failed', 'skipped'])

function matches(sign: Sign, states: readonly (FinalState | 'excluded')[]): string {
  const regex = regexOf(sign, states)
  return `text.match_regex(upstream, ${regex === notSuccess ? 'run.not_success' : `"${regex}"`})`
}

function regexOf(sign: Sign, states: readonly (FinalState | 'excluded')[]): string {
  const both = states.includes('failed') && states.includes('upstream_failed')
  const short = both ? ['(upstream_)?failed', ...states.filter((state) => !state.endsWith('failed'))] : states
  const names = short.length === 1 ? (short[0] ?? '') : `(${short.join('|')})`
  return sign + names
}

/** `settle` takes an exclusion for a skip, else any failure in the text for upstream_failed, else skips. */
function isUsual(task: TaskDefinition, clauses: readonly SignedClause[], mayBeEmpty: boolean): boolean {
  if (mayBeEmpty) return task.teardown === null && minding.has(task.triggerRule)
  if (clauses.length === 0) return true
  if (task.teardown !== null) return false
  // A rule that minds no failure may run into a skipped setup.
  if (clauses.some(({ sign }) => sign === ':') && !minding.has(task.triggerRule)) return false
  return usualRules.has(task.triggerRule)
}

/** Rules under which any failure above makes a task upstream_failed. */
const minding = new Set(['all_success', 'none_failed', 'none_failed_min_one_success'])

const usualRules = new Set([...minding, 'one_success', 'one_failed'])

function stateOf(
  clauses: readonly SignedClause[],
  { mayBeExcluded, mayBeEmpty }: Pick<UpstreamText, 'mayBeExcluded' | 'mayBeEmpty'>,
  isTeardown: boolean,
): string {
  const ofSetups = clauses.filter(({ sign }) => sign === ':')
  const own = clauses.filter(({ sign }) => sign !== ':')
  // A failure wins over a skip: failed setups first, then the rule, and a skipped setup where neither decides.
  const ordered = isTeardown
    ? clauses
    : own.length > 0
      ? [...ofSetups.filter(({ then }) => then === 'upstream_failed'), ...own]
      : ofSetups
  const bySetup = own.length > 0 && ofSetups.length > 0
  // Where a skipped setup or an empty list may be what keeps the task from running, every clause is tested.
  const all = bySetup || mayBeEmpty
  const last = all ? 'skipped' : (ordered.at(-1)?.then ?? 'skipped')
  const decisions = [
    ...(mayBeExcluded ? [{ test: exclusion, then: 'skipped' }] : []),
    ...(all ? ordered : ordered.slice(0, -1)).map((clause) => ({
      test: testOf(clause),
      then: clause.then,
    })),
  ]
  return decisions.reduceRight(
    (rest, { test, then }) => (rest === `"${then}"` ? rest : `if(${test}, "${then}", ${rest})`),
    `"${last}"`,
  )
}
