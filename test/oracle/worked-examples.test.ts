import { describe, expect, it } from 'vitest'
import { reachableOutcomes } from './airflow.ts'
import type { RuleName } from './description.ts'
import { predict } from './oracle.ts'
import { applyRule, count, type Verdict } from './rules.ts'
import { outcomeText } from './show.ts'
import { describeExample, examples, timingExamples } from './worked-examples.ts'

describe('a worked example', () => {
  it.each([...examples, ...timingExamples])('comes out as stated: $name', (example) => {
    expect(sorted(outcomeText(predict(describeExample(example))))).toBe(sorted(example.expected))
  })

  it.each([...examples, ...timingExamples])(
    'has these outcomes in Airflow, whatever ends first: $name',
    (example) => {
      const reachable = reachableOutcomes(describeExample(example), { skips: 'early' }) ?? []
      expect(new Set(reachable.map((outcome) => sorted(outcomeText(outcome))))).toEqual(
        new Set([example.expected, ...(example.also ?? [])].map(sorted)),
      )
    },
  )

  it('is one of thirty, and of those that depend on timing', () => {
    expect([examples.length, timingExamples.length]).toEqual([30, 5])
  })
})

/** Two tasks above, by state; `?` is one that has not ended. U upstream_failed, K skipped, `.` waits. */
const pairs = ['SS', 'SF', 'SU', 'SK', 'FF', 'FU', 'FK', 'UU', 'UK', 'KK', 'S?', 'F?', 'U?', 'K?', '??']
const r = 'run'
const verdictsOfPairs: readonly (readonly [RuleName, string])[] = [
  ['all_success', 'r U U K U U U U U K . U U K .'],
  ['all_failed', 'K K K K r r K r K K K . . K .'],
  ['all_done', 'r r r r r r r r r r . . . . .'],
  ['all_done_min_one_success', 'r r r K U U K U K K . . . K .'],
  ['all_skipped', 'K K K K K K K K K r K K K . .'],
  ['one_success', 'r r r r U U U U U K r . . . .'],
  ['one_failed', 'K r r K r r r r r K . r r . .'],
  ['one_done', 'r r r r r r r K K K r r . . .'],
  ['none_failed', 'r U U r U U U U U r . U U . .'],
  ['none_failed_min_one_success', 'r U U r U U U U U K . U U . .'],
  ['none_skipped', 'r r r K r r K r K K . . . K .'],
  ['always', 'r r r r r r r r r r r r r r r'],
]
const verdicts: Readonly<Record<string, Verdict>> = { r, U: 'upstream_failed', K: 'skipped', '.': 'wait' }
const states = { S: 'success', F: 'failed', U: 'upstream_failed', K: 'skipped', '?': null } as const

describe('the table of rules, against one that was written the other way round', () => {
  it.each(verdictsOfPairs)('%s', (rule, row) => {
    const decided = pairs.map((pair) => {
      const above = pair.split('').map((letter) => states[letter as keyof typeof states])
      return applyRule(rule, count(above), count([]))
    })
    expect(decided).toEqual(row.split(' ').map((letter) => verdicts[letter]))
  })
})

function sorted(outcome: string): string {
  const [tasks = '', run = ''] = outcome.split(' | ')
  return `${tasks.split(' ').toSorted().join(' ')} | ${run}`
}
