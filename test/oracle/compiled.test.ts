import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { READINGS } from '../../simulator/engine/index.ts'
import { DagProblems } from '../../dsl/index.ts'
import type { Description } from './description.ts'
import { judge, prepare, type Manner } from './judge.ts'
import { randomDag } from './random-dag.ts'
import { describeText } from './show.ts'
import { shrink } from './shrink.ts'

/** `npm run test:oracle` tries 2,000 DAGs; `ORACLE_SEED` another 2,000, `ORACLE_DAG` the one in a file that a failure was printed to. */
const seed = Number(process.env['ORACLE_SEED'] ?? 20261121)
const numRuns = Number(process.env['ORACLE_RUNS'] ?? 12)
const file = process.env['ORACLE_DAG']
const timeout = 120_000 + 1_000 * numRuns

test(`compiled DAGs run as the oracle says (${file ?? `seed ${seed}`})`, { timeout }, async () => {
  await (file === undefined ? judgeRandomDags() : judgeOne(file))
})

async function judgeRandomDags(): Promise<void> {
  let number = 0
  let refused = 0
  let fault: Fault | null = null
  const property = fc.asyncProperty(
    randomDag({ beyondAirflow: true, maxTasks: numRuns > 100 ? 40 : 12 }),
    async (dag) => {
      number += 1
      fault = await faultOf(dag, mannersOf(number))
      if (fault?.kind === 'refused') refused += 1
      return fault === null || fault.kind === 'refused'
    },
  )
  const { counterexample } = await fc.check(property, { seed, numRuns, endOnFailure: true })
  if (counterexample !== null && fault !== null) {
    throw new Error(await report(counterexample[0], fault, `seed ${seed}, DAG ${number}`))
  }
  // DAGs are made to fit into one source; the bound of a run's memory, which is not their business, refuses some.
  expect(refused).toBeLessThan(2 + numRuns / 50)
}

async function judgeOne(path: string): Promise<void> {
  const { dag, manner } = JSON.parse(readFileSync(path, 'utf8')) as { dag: Description; manner: Manner }
  const fault = await faultOf(dag, [manner])
  expect(fault === null ? '' : `${describeText(dag)}\n${fault.text}`).toBe('')
}

/** What is wrong with a compiled DAG; `refused` where it is too large for Workflows. */
interface Fault {
  readonly kind: 'refused' | 'differs' | 'does not compile' | 'raises'
  readonly text: string
  readonly manner: Manner
}

async function faultOf(dag: Description, manners: readonly Manner[]): Promise<Fault | null> {
  let manner = manners[0]!
  try {
    const candidate = prepare(dag)
    for (manner of manners) {
      const text = await judge(candidate, manner)
      if (text !== null) return { kind: 'differs', text, manner }
    }
    return null
  } catch (error) {
    const kind =
      error instanceof DagProblems
        ? error.problems.every(({ code }) => code === 'DAG501')
          ? 'refused'
          : 'does not compile'
        : 'raises'
    return { kind, text: String(error instanceof Error ? error.stack : error), manner }
  }
}

/** A counterexample as it was found, and as small as it gets. */
async function report(dag: Description, fault: Fault, found: string): Promise<string> {
  const { kind, manner } = fault
  const small = await shrink(dag, async (smaller) => (await faultOf(smaller, [manner]))?.kind === kind)
  const rest = (await faultOf(small, [manner]))?.text ?? fault.text
  return [
    `${found} ${kind}:`,
    describeText(dag),
    fault.text,
    '',
    `with ${small.tasks.length} tasks of ${dag.tasks.length}:`,
    describeText(small),
    rest,
    '',
    'alone, from a file that ORACLE_DAG names:',
    JSON.stringify({ dag: small, manner }),
  ].join('\n')
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
