import { describe, expect, it } from 'vitest'
import { canExplore, reachableOutcomes } from '../airflow.ts'
import type { Description } from '../description.ts'
import { predict } from '../oracle.ts'
import { describeText } from '../show.ts'
import { compact, expand } from './compact.ts'
import {
  descriptionOf,
  explain,
  outcomesOf,
  readRecording,
  recorded,
  type RecordedOutcome,
} from './recording.ts'

const recording = readRecording()

describe(`${recording.dags.length} DAGs in Apache Airflow ${recording.airflow}, ${recording.orders} orders each`, () => {
  it('a run comes to what it came to there, or differs as listed', () => {
    const counts: Record<string, number> = {}
    const wrong = recording.dags.flatMap((each) => {
      const description = descriptionOf(each)
      const ours = recorded(predict(description))
      const reasons = outcomesOf(each)
        .map((theirs) => explain(description, ours, theirs))
        .filter((names) => names !== null)
        .toSorted((a, b) => a.length - b.length)[0]
      for (const name of reasons?.length === 0 ? ['the same'] : (reasons ?? ['not listed'])) {
        counts[name] = (counts[name] ?? 0) + 1
      }
      return reasons ? [] : [[describeText(description), JSON.stringify(ours), JSON.stringify(each.outcomes)]]
    })
    expect(wrong).toEqual([])
    expect(counts).toEqual({
      'the same': 527,
      'a failure wins over a skip': 1,
      'a list is waited for': 1,
      'a choice comes first': 2,
      'a choice counts in a mapped group': 4,
    })
  })

  it('what it came to there is what the model of Airflow can come to', () => {
    const wrong = recording.dags.flatMap((each) => {
      const description = descriptionOf(each)
      const isSmall = description.tasks.length <= 7 && canExplore(description)
      const reachable = isSmall ? reachableOutcomes(description, { skips: 'early', most: 200 }) : null
      if (reachable === null) return []
      const known = new Set(reachable.map((outcome) => states(recorded(outcome))))
      const others = outcomesOf(each)
        .filter((outcome) => !isOverruled(description, outcome))
        .map(states)
        .filter((outcome) => !known.has(outcome))
      return others.length === 0 ? [] : [[describeText(description), ...others, '--', ...known]]
    })
    expect(wrong).toEqual([])
  })

  it('is kept without loss', () => {
    const dags = recording.dags.map(({ dag }) => JSON.stringify(dag))
    expect(recording.dags.map(({ dag }) => JSON.stringify(compact(expand(dag))))).toEqual(dags)
  })
})

/**
 * A task was skipped while it ran, as Airflow does when it looks for a deadlock and a branch has led elsewhere by then. The
 * model leaves what runs alone.
 */
function isOverruled({ tasks }: Description, outcome: RecordedOutcome): boolean {
  return tasks.some((task, at) => {
    const skipsItself = task.kind === 'work' && task.script.flat().some(({ ends }) => ends === 'skip')
    return !skipsItself && outcome.tasks[at]!.startsWith('K/')
  })
}

/** The model does not count tries. */
function states({ tasks, run }: RecordedOutcome): string {
  return `${tasks.map((text) => text.split('/')[0]).join(' ')} | ${run}`
}
