import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { READINGS } from '../../simulator/engine/index.ts'
import { DagProblems } from '../../dsl/index.ts'
import type { Description } from './description.ts'
import { judge, prepare, type Candidate, type Manner } from './judge.ts'
import { randomDag } from './random-dag.ts'
import { describeText } from './show.ts'

/** `npm run test:oracle` tries 2,000 DAGs; `ORACLE_SEED` another 2,000. */
const seed = Number(process.env['ORACLE_SEED'] ?? 20261121)
const numRuns = Number(process.env['ORACLE_RUNS'] ?? 12)
const timeout = 30_000 + 1_000 * numRuns

test(`a compiled DAG runs as the oracle says (seed ${seed})`, { timeout }, async () => {
  let number = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(randomDag({ beyondAirflow: true, maxTasks: numRuns > 100 ? 40 : 12 }), async (dag) => {
      const candidate = candidateOf(dag)
      if (candidate === null) {
        refused += 1
        return
      }
      number += 1
      for (const manner of mannersOf(number)) {
        const difference = await judge(candidate, manner)
        expect(difference === null ? '' : `\n${describeText(dag)}\n${difference}`).toBe('')
      }
    }),
    { seed, numRuns },
  )
  // DAGs are made to fit into one source; the bound of a run's memory, which is not their business, refuses some.
  expect(refused).toBeLessThan(2 + numRuns / 50)
})

/** Null for a DAG that is too large for Workflows. */
function candidateOf(dag: Description): Candidate | null {
  try {
    return prepare(dag)
  } catch (error) {
    const isTooLarge = error instanceof DagProblems && error.problems.every(({ code }) => code === 'DAG501')
    if (isTooLarge) return null
    throw error
  }
}

/** Everything that Google leaves open, read the other way; each `other` on its own. */
const others = Object.entries(READINGS).flatMap(([name, { readings }]) =>
  readings.slice(1).map((reading) => ({ [name]: reading })),
)
const allOther = Object.fromEntries(
  Object.entries(READINGS).map(([name, { readings }]) => [name, readings[1]]),
)

/**
 * Each DAG in several orders: with the usual readings of what Google leaves open, with all others at once, and with one of
 * them by itself in turn. A reading that a DAG is not sensitive to changes nothing, so that none has to be left out.
 */
function mannersOf(number: number): readonly Manner[] {
  return [
    { seed: number, readings: {} },
    { seed: number + 1, readings: allOther },
    { seed: number + 2, readings: others[number % others.length]! },
  ]
}
