import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Description } from './description.ts'
import { predict } from './oracle.ts'
import { randomDag } from './random-dag.ts'
import { describeText } from './show.ts'
import { shrink } from './shrink.ts'

const seed = Number(process.env['ORACLE_SEED'] ?? 20261121)

/** What a fault may hang on, and how many tasks such a DAG has at least. */
const causes: readonly { name: string; tasks: number; holds: (dag: Description) => boolean }[] = [
  {
    name: 'a task below three others',
    tasks: 4,
    holds: ({ tasks }) =>
      tasks.some(({ upstream }) => new Set(upstream.map((id) => id.split(':')[0])).size > 2),
  },
  {
    name: 'a teardown, and elsewhere a task that looks at failures',
    tasks: 3,
    holds: ({ tasks }) =>
      tasks.some((task) => task.kind === 'work' && task.teardownOf.length > 0) &&
      tasks.some(({ rule, kind }) => rule === 'one_failed' && kind === 'work'),
  },
  {
    name: 'a branch in use and a task over a list that a task gives',
    tasks: 4,
    holds: ({ tasks }) =>
      tasks.some(({ kind }) => kind === 'branch') &&
      tasks.some((task) => task.kind === 'work' && task.map?.over != null),
  },
]

test.each(causes)(`of a DAG with $name little else is left (seed ${seed})`, async ({ tasks, holds }) => {
  const dags = fc
    .sample(randomDag({ beyondAirflow: true }), { seed, numRuns: 400 })
    .filter((dag) => dag.tasks.length > 15 && holds(dag))
    .slice(0, 8)
  expect(dags.length).toBeGreaterThan(2)
  for (const dag of dags) {
    let tried = 0
    const small = await shrink(dag, async (smaller) => {
      tried += 1
      return holds(smaller)
    })
    expect(tried).toBeLessThanOrEqual(400)
    expect(holds(small), describeText(small)).toBe(true)
    expect(small.tasks.length, describeText(small)).toBeLessThanOrEqual(tasks)
    // What is left is a DAG still.
    expect(Object.keys(predict(small).tasks)).toEqual(small.tasks.map(({ id }) => id))
  }
})
