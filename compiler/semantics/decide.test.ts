import { describe, expect, it } from 'vitest'
import { triggerRules, type TriggerRule } from '../../dsl/trigger-rule.ts'
import { decide, type Decision, type FinalState } from './index.ts'

/** What Airflow's scheduler decides over two tasks that have both ended, typed by hand from its source. */
const pairs = ['SS', 'SF', 'SU', 'SK', 'FF', 'FU', 'FK', 'UU', 'UK', 'KK']
const table: Readonly<Record<TriggerRule, string>> = {
  all_success: 'run UF UF skip UF UF UF UF UF skip',
  all_failed: 'skip skip skip skip run run skip run skip skip',
  all_done: 'run run run run run run run run run run',
  all_done_min_one_success: 'run run run skip UF UF skip UF skip skip',
  all_skipped: 'skip skip skip skip skip skip skip skip skip run',
  one_success: 'run run run run UF UF UF UF UF skip',
  one_failed: 'skip run run skip run run run run run skip',
  one_done: 'run run run run run run run skip skip skip',
  none_failed: 'run UF UF run UF UF UF UF UF run',
  none_failed_min_one_success: 'run UF UF run UF UF UF UF UF skip',
  none_skipped: 'run run run skip run run skip run skip skip',
  always: 'run run run run run run run run run run',
}

const states: Readonly<Record<string, FinalState>> = {
  S: 'success',
  F: 'failed',
  U: 'upstream_failed',
  K: 'skipped',
}
const decisions: Readonly<Record<string, Decision>> = { run: 'run', UF: 'upstream_failed', skip: 'skipped' }

function statesOf(letters: string): readonly FinalState[] {
  return letters.split('').map((letter) => {
    const state = states[letter]
    if (state === undefined) throw new Error(`no state ${letter}`)
    return state
  })
}

describe.each(triggerRules)('rule %s', (rule) => {
  const row = table[rule].split(' ')

  it.each(pairs.map((pair, index) => [pair, row[index] ?? ''] as const))('over %s: %s', (pair, word) => {
    for (const upstream of [statesOf(pair), statesOf(pair).toReversed()])
      expect(decide(rule, { excluded: false, states: upstream, setups: [] })).toBe(decisions[word])
  })

  it('does not look how often a state is there', () => {
    for (const pair of pairs) {
      const once = decide(rule, { excluded: false, states: statesOf(pair), setups: [] })
      const often = statesOf(pair + pair + pair)
      expect(decide(rule, { excluded: false, states: often, setups: [] })).toBe(once)
    }
  })

  it('runs without tasks above, and not where a branch excludes it', () => {
    expect(decide(rule, { excluded: false, states: [], setups: [] })).toBe('run')
    for (const pair of pairs)
      expect(decide(rule, { excluded: true, states: statesOf(pair), setups: [] })).toBe('skipped')
  })
})

describe('setups', () => {
  it.each([
    ['S', 'run'],
    ['F', 'UF'],
    ['U', 'UF'],
    ['K', 'skip'],
    ['SK', 'skip'],
    ['SF', 'UF'],
    ['FK', 'UF'],
  ])('that ended %s let a task after a success %s', (setups, word) => {
    const upstream = { excluded: false, states: statesOf('S'), setups: statesOf(setups) }
    expect(decide('all_success', upstream)).toBe(decisions[word])
    expect(decide('all_done', upstream)).toBe(decisions[word])
  })

  it('that were skipped count less than a failure that the rule minds, and always minds neither', () => {
    const upstream = { excluded: false, states: statesOf('F'), setups: statesOf('K') }
    expect(decide('all_success', upstream)).toBe('upstream_failed')
    expect(decide('all_done', upstream)).toBe('skipped')
    expect(decide('always', upstream)).toBe('run')
  })

  it.each([
    ['S', 'run'],
    ['F', 'UF'],
    ['K', 'skip'],
    ['SF', 'run'],
    ['SK', 'run'],
    ['FK', 'UF'],
    ['KK', 'skip'],
    ['UK', 'UF'],
  ])('that ended %s: their teardown, whatever else ended how: %s', (setups, word) => {
    for (const pair of pairs)
      expect(decide('teardown', { excluded: false, states: statesOf(pair), setups: statesOf(setups) })).toBe(
        decisions[word],
      )
  })
})
