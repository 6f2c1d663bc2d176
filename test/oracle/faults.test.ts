import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../artifact/manifest.ts'
import { findDags, loadDags } from '../../compiler/index.ts'
import { parseWorkflow } from '../../language/index.ts'
import { workflowIn } from '../golden/world.ts'
import { breakAt, cancelAt, exhaustAt, faults, undisturbed, type FaultKind, type Victim } from './faults.ts'
import { scenesOf } from './scenes.ts'

const seed = Number(process.env['ORACLE_SEED'] ?? 20261121)
/** Steps tried of each scene of each golden; every one of them in every way with ORACLE_FAULTS=all. */
const most = process.env['ORACLE_FAULTS'] === 'all' ? Infinity : Number(process.env['ORACLE_FAULTS'] ?? 2)
const timeout = most === Infinity ? 3_600_000 : 30_000
/** One golden alone. */
const only = process.env['ORACLE_GOLDEN']

const folder = join(import.meta.dirname, '../golden')
const test = join(import.meta.dirname, '..')
const names = findDags(test, 'golden').filter((name) => only === undefined || name === only)
const definitions = await loadDags(test, names, 'golden')

const victims = definitions.flatMap((definition) => {
  const read = (file: string) => readFileSync(join(folder, definition.id, file), 'utf8')
  const { document } = parseWorkflow(read('workflow.yaml'))
  if (document === null) throw new Error(`${definition.id} has no workflow`)
  const { tasks } = JSON.parse(read('manifest.json')) as Manifest
  const workflow = workflowIn(join(folder, definition.id, 'workflow.yaml'))
  return Object.entries(scenesOf(definition)).map(
    ([name, scene]) =>
      [
        `${definition.id}, ${name}`,
        { ...scene, definition, workflow, document, tasks } satisfies Victim,
      ] as const,
  )
})

describe.each(victims)('golden %s', (_, victim) => {
  it(`ends as the oracle says whichever step fails (seed ${seed})`, { timeout }, async () => {
    const { steps, problems } = await undisturbed(victim)
    expect(problems).toEqual([])
    const wrong: string[] = []
    for (const nth of someOf(steps)) {
      for (const kind of kindsAt(nth)) wrong.push(...(await breakAt(victim, nth, kind)))
      if (most === Infinity || nth % 2 === 0) wrong.push(...(await exhaustAt(victim, nth)))
      if (most === Infinity || nth % 2 === 1) wrong.push(...(await cancelAt(victim, nth)))
    }
    expect(wrong).toEqual([])
  })
})

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
