import { describe, expect, it } from 'vitest'
import { knownArgument } from '../../artifact/known.ts'
import { compileDag } from '../../compiler/index.ts'
import { dag, z, type DagDefinition } from '../../dsl/index.ts'
import { limits } from '../../language/index.ts'
import { httpError, mapOf } from '../../simulator/engine/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'
import { runArgument, runIn, workflowOf, type RunRecord, type WorldOptions } from '../golden/world.ts'

/** What a run holds at its worst, in the engine, which ends a run that holds more than 512 KB. */

const load = defineContract({
  name: 'limits/load',
  image: 'steps',
  input: z.object({ page: z.int().default(0), objects: z.array(z.string()).default([]) }),
  output: z.object({ objects: z.array(z.string()), pages: z.array(z.int()), rows: z.int() }),
  timeout: '10m',
})

/** Fills the 7 KB that an output may take with what takes the most memory. */
const largest = { output: { objects: Array.from({ length: 2300 }, () => ''), pages: [], rows: 1 } }

const mapped = dag('mapped', { description: 'A thousand instances' }, ({ task, map }) => {
  const list = task('list', load, {})
  map('load', load, { page: list.pages })
})

const sideBySide = (count: number) =>
  dag('wide', { description: 'Side by side' }, ({ task }) => {
    for (let index = 0; index < count; index++) task(`task_${index}`, load, { page: index })
  })

function run(definition: DagDefinition, options: WorldOptions): Promise<RunRecord> {
  const { source } = compileDag(definition, { projectDir: import.meta.dirname })
  return runIn(workflowOf(source), options)
}

describe('a map of 1,000 items', () => {
  const pages = Array.from({ length: 1000 }, (_, index) => index)
  const job: WorldOptions['job'] = ({ task, index, try: tries }) => {
    const isBad = task === 'load' && index === 7 && tries === 1
    return {
      behaviour: isBad ? 'crash' : { output: { objects: [], pages: task === 'list' ? pages : [], rows: 1 } },
      seconds: 1,
    }
  }

  it('runs, and once more with what is left of it', async () => {
    const first = await run(mapped, { job })
    expect(first.state).toBe('FAILED')
    expect(first.value['tasks']).toMatchObject({ load: { counts: { success: 999, failed: 1 } } })
    const ended = pages.filter((index) => index !== 7).map((index) => [`load/${index}`, 'success'] as const)
    const again = await run(mapped, {
      left: first.left,
      argument: { ...runArgument, ...knownArgument({ 'list/0': 'success', ...Object.fromEntries(ended) }) },
      job: () => ({ behaviour: { output: { objects: [], pages: [], rows: 1 } }, seconds: 1 }),
      execution: 'execution-2',
    })
    expect(again.state).toBe('SUCCEEDED')
    expect(again.jobs.map(({ task, index }) => `${task}/${index}`)).toEqual(['load/7'])
    expect(again.value['tasks']).toMatchObject({ load: { counts: { success: 1000 } } })
    expect(again.memory).toBeLessThan(limits.memory.value / 3)
  })
})

describe('an output', () => {
  it('is held by the workflow only where something reads it', async () => {
    const [unread, small] = await Promise.all(
      [largest, { output: {} }].map((behaviour) =>
        run(sideBySide(12), { job: () => ({ behaviour, seconds: 1 }) }),
      ),
    )
    const one = JSON.stringify(largest.output).length
    expect(small?.state).toBe('SUCCEEDED')
    expect(unread?.state).toBe('SUCCEEDED')
    expect((unread?.memory ?? 0) - (small?.memory ?? 0)).toBeLessThan(12 * one)
    expect(unread?.value['tasks']).toEqual(small?.value['tasks'])
  })
})

describe('an error', () => {
  it.each([
    ['of one byte a character', 'x', 1000],
    ['of three', '漢', 250],
  ])('keeps as much of its message as memory has room for: %s', async (_, character, kept) => {
    const message = character.repeat(3000)
    const failing = (connector: string) =>
      connector.includes('jobs.run') ? httpError(400, mapOf({}), mapOf({ error: mapOf({ message }) })) : null
    const { value, logs } = await run(sideBySide(1), { failing })
    expect(value['tasks']).toMatchObject({ task_0: { error: { message: character.repeat(kept) } } })
    expect(logs.find(({ severity }) => severity === 'ERROR')?.['message']).toBe(character.repeat(1000))
  })
})
