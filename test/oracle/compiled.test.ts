import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { READINGS } from '../../simulator/engine/index.ts'
import { judge, prepare, type Manner } from './judge.ts'
import { randomDag } from './random-dag.ts'
import { describeText } from './show.ts'

/** `npm run test:oracle` tries 2,000 DAGs; `ORACLE_SEED` another 2,000. */
const seed = Number(process.env['ORACLE_SEED'] ?? 20261121)
const numRuns = Number(process.env['ORACLE_RUNS'] ?? 12)
const timeout = 30_000 + 1_000 * numRuns

test(`a compiled DAG runs as the oracle says (seed ${seed})`, { timeout }, async () => {
  let number = 0
  await fc.assert(
    fc.asyncProperty(randomDag({ mappedGroups: false, maxTasks: numRuns > 500 ? 40 : 12 }), async (dag) => {
      number += 1
      const differences = await differencesOf(dag, number)
      expect(differences).toBe('')
    }),
    { seed, numRuns },
  )
})

async function differencesOf(dag: Parameters<typeof prepare>[0], number: number): Promise<string> {
  const candidate = prepare(dag)
  for (const manner of mannersOf(number)) {
    const difference = await judge(candidate, manner)
    if (difference !== null) return `\n${describeText(dag)}\n${difference}`
  }
  return ''
}

/** Everything that Google leaves open, read the other way; each `other` on its own. */
const others = Object.entries(READINGS).flatMap(([name, { readings }]) =>
  readings.slice(1).map((reading) => ({ [name]: reading })),
)
const allOther = Object.fromEntries(
  Object.entries(READINGS).map(([name, { readings }]) => [name, readings[1]]),
)

/** Each DAG in several orders; the other readings of what Google leaves open all at once and in turn. */
function mannersOf(number: number): readonly Manner[] {
  return [
    { seed: number, readings: {} },
    { seed: number + 1, readings: allOther },
    { seed: number + 2, readings: others[number % others.length]! },
  ]
}
