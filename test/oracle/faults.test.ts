import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findDags, loadDags } from '../../compiler/index.ts'
import { workflowIn } from '../golden/world.ts'
import { breakAt, cancelAt, faults, stepsOf, worldsOf, type FaultKind, type Victim } from './faults.ts'
import { describeDefinition } from './from-definition.ts'
import type { Description } from './description.ts'
import { structureOf } from './structure.ts'
import type { DagDefinition } from '../../dsl/index.ts'

const seed = Number(process.env['ORACLE_SEED'] ?? 20261121)
/** Steps tried of each golden; every one of them with ORACLE_FAULTS=all. */
const most = process.env['ORACLE_FAULTS'] === 'all' ? Infinity : Number(process.env['ORACLE_FAULTS'] ?? 4)
const timeout = most === Infinity ? 600_000 : 30_000

const folder = join(import.meta.dirname, '../golden')
const test = join(import.meta.dirname, '..')
const definitions = await loadDags(test, findDags(test, 'golden'), 'golden')

const victims = definitions.flatMap((definition) => {
  const description = describeDefinition(definition)
  const dag = definition.id
  const workflow = workflowIn(join(folder, dag, 'workflow.yaml'))
  return Object.entries(worldsOf(description)).map(
    ([name, world]) =>
      [
        `${dag}, ${name}`,
        {
          dag,
          workflow,
          description,
          world,
          undecided: undecidedIn(definition, description),
        } satisfies Victim,
      ] as const,
  )
})

describe.each(victims)('golden %s', (_, victim) => {
  it(`ends in words whichever step raises an error (seed ${seed})`, { timeout }, async () => {
    const steps = await stepsOf(victim)
    for (const nth of someOf(steps.length)) {
      for (const kind of kindsAt(nth)) expect(await breakAt(victim, nth, kind)).toEqual([])
    }
  })

  it(
    `can be finished by another execution, whenever it is cancelled (seed ${seed})`,
    { timeout },
    async () => {
      const steps = await stepsOf(victim)
      for (const nth of someOf(steps.length)) expect(await cancelAt(victim, nth)).toEqual([])
    },
  )
})

/** Everything directly below a branch or a mapped task, and all that is below a short circuit. */
function undecidedIn({ tasks, groups }: DagDefinition, description: Description): ReadonlySet<string> {
  const mapped = groups.filter(({ mapping }) => mapping !== null).map(({ path }) => path)
  const inMappedGroup = (group: string | null) =>
    mapped.some((path) => group === path || (group?.startsWith(`${path}.`) ?? false))
  const { children, below } = structureOf(description)
  return new Set(
    tasks.flatMap((task) => {
      const isMapped = inMappedGroup(task.group) || (task.kind === 'step' && task.mapping !== null)
      const decides = task.kind === 'branch' || isMapped
      if (task.kind === 'short_circuit') return [...(below.get(task.id) ?? [])]
      return decides ? (children.get(task.id) ?? []) : []
    }),
  )
}

/** All kinds of errors, or one of them in turn. */
function kindsAt(nth: number): readonly FaultKind[] {
  const kinds = Object.keys(faults) as FaultKind[]
  return most === Infinity ? kinds : [kinds[nth % kinds.length]!]
}

/** Numbers from 1 to `count`: all of them, or a few of them by the seed. */
function someOf(count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, index) => index + 1)
  if (count <= most) return all
  return fc.sample(fc.shuffledSubarray(all, { minLength: most, maxLength: most }), { seed, numRuns: 1 })[0]!
}
