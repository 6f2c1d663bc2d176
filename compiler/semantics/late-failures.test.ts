import { describe, expect, it } from 'vitest'
import type { TriggerRule } from '../../dsl/trigger-rule.ts'
import { lateFailures, type Fact } from './late-failures.ts'

interface Sample {
  /** `a>b>c, a>c`: tasks above others. */
  readonly edges: string
  readonly rules?: Readonly<Record<string, TriggerRule>>
  /** By task the branches and short circuits that may exclude it. */
  readonly excludes?: Readonly<Record<string, readonly string[]>>
  /** By task the setups further above that it needs. */
  readonly needs?: Readonly<Record<string, readonly string[]>>
  /** Tasks in mapped groups. */
  readonly apart?: readonly string[]
}

/** `j: y when x excluded by br`, a line for each failure that a task may not see. */
function lateIn({ edges, rules = {}, excludes = {}, needs = {}, apart = [] }: Sample): readonly string[] {
  const declared = new Map<string, string[]>()
  for (const chain of edges.split(', ')) {
    const ids = chain.split('>')
    for (const [index, id] of ids.entries()) {
      const above = declared.get(id) ?? []
      declared.set(id, index === 0 ? above : [...above, ids[index - 1]!])
    }
  }
  const depth = (id: string): number => Math.max(0, ...declared.get(id)!.map((above) => 1 + depth(above)))
  const late = lateFailures({
    order: [...declared.keys()].toSorted((a, b) => depth(a) - depth(b)),
    declared,
    ruleOf: (id) => rules[id] ?? 'all_success',
    neededBy: (id) => needs[id] ?? [],
    skippedWith: (id) => needs[id] ?? [],
    excludedBy: (id) => excludes[id] ?? [],
    isApart: (id) => apart.includes(id),
    isNothing: () => false,
  })
  return [...late].flatMap(([id, above]) =>
    [...above].flatMap(([failure, { failed, upstreamFailed }]) => [
      ...failed.map((facts) => `${id}: ${failure} failed when ${facts.map(factText).join(' and ')}`),
      ...upstreamFailed.map(
        (facts) => `${id}: ${failure} upstream_failed when ${facts.map(factText).join(' and ')}`,
      ),
    ]),
  )
}

function factText(fact: Fact): string {
  if (fact.kind === 'excluded') return `${fact.by} excludes ${fact.task}`
  return `${fact.task} ${fact.kind === 'in' ? 'is' : 'is not'} ${fact.states.join('/')}`
}

describe('failures that come after a skip in every order', () => {
  it('are those of tasks of the chosen case beside one that the branch excludes', () => {
    const excludes = { x: ['br'], y: ['br'] }
    expect(lateIn({ edges: 'br>x>j, br>y>j', excludes })).toEqual([
      'j: x failed when br excludes y',
      'j: y failed when br excludes x',
    ])
    // Where y runs after another task too, it may only be upstream_failed before the branch has chosen.
    expect(lateIn({ edges: 'a>y, br>x>j, br>y>j', excludes })).toEqual([
      'j: x failed when br excludes y',
      'j: y failed when br excludes x',
    ])
    expect(lateIn({ edges: 'br>x>j, br>y>z>j, a>z', excludes })).toContain(
      'j: z upstream_failed when br excludes x and a is not failed/upstream_failed',
    )
  })

  it('are not those that something beside the branch may have made before', () => {
    expect(lateIn({ edges: 'br>x>j, a>j', excludes: { x: ['br'] } })).toEqual([])
    expect(
      lateIn({ edges: 'br>x>j, br>y>j, a>y', excludes: { x: ['br'] }, rules: { y: 'one_success' } }),
    ).toEqual([])
  })

  it('are those of what runs although the task above it was skipped', () => {
    expect(lateIn({ edges: 'a>b>j, a>j', rules: { b: 'none_failed' } })).toEqual([
      'j: b failed when a is skipped',
    ])
    expect(lateIn({ edges: 'a>b>j, a>j', rules: { b: 'one_success' } })).toEqual([
      'j: b failed when a is skipped',
    ])
    expect(lateIn({ edges: 'a>b>j, a>j' })).toEqual([])
  })

  it('are those further below what a rule skips at once', () => {
    expect(lateIn({ edges: 'a>k>j, a>b>c>j', rules: { k: 'all_failed' } })).toEqual([
      'j: c failed when k is skipped and a is success/skipped',
      'j: c upstream_failed when k is skipped and a is success/skipped',
    ])
    // The look that skips k lets b run: both may end by the next one.
    expect(lateIn({ edges: 'a>k>j, a>b>j', rules: { k: 'all_failed' } })).toEqual([])
  })

  it('are those of a needed setup that fails because of what a rule skips for at once', () => {
    const needs = { j: ['s'] }
    const states = 'success/failed/upstream_failed'
    expect(lateIn({ edges: 'a>s>w>j, a>j', needs, rules: { j: 'all_skipped' } })).toEqual([
      `j: s failed when a is ${states}`,
      `j: s upstream_failed when a is ${states}`,
    ])
    // What else the setup comes after may have failed before.
    expect(lateIn({ edges: 'a>s>w>j, a>j, b>s', needs, rules: { j: 'all_skipped' } })).toEqual([
      `j: s failed when a is ${states}`,
      `j: s upstream_failed when a is ${states} and b is not failed/upstream_failed`,
    ])
    // A skip alone fails no setup.
    expect(lateIn({ edges: 'a>s>w>j, a>j', needs, rules: { j: 'none_skipped' } })).toEqual([])
    expect(
      lateIn({ edges: 'a>k>j, a>b>s>w>j', needs, rules: { k: 'all_skipped', j: 'none_skipped' } }),
    ).toEqual([
      'j: s failed when k is skipped and a is success/failed/upstream_failed',
      'j: s upstream_failed when k is skipped and a is success/failed/upstream_failed',
    ])
  })

  it('do not exist where a task has a rule that looks at everything, or decides by index', () => {
    const sample = { edges: 'br>x>j, br>y>j', excludes: { x: ['br'], y: ['br'] } }
    expect(lateIn({ ...sample, rules: { j: 'none_failed_min_one_success' } })).toEqual([])
    expect(lateIn({ ...sample, rules: { j: 'all_done' } })).toEqual([])
    expect(lateIn({ ...sample, apart: ['br', 'x', 'y', 'j'] })).toEqual([])
  })
})
