import { describe, expect, it } from 'vitest'
import { compileDag } from '../../compiler/index.ts'
import { dag, DagProblems, z, type DagDefinition, type DagError } from '../../dsl/index.ts'
import { httpError, mapOf } from '../../simulator/engine/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'
import { runIn, workflowOf } from '../golden/world.ts'

/** Beside the edges of every-limit.test.ts: what is told of limits, and what is not. */

const load = defineContract({
  name: 'limits/load',
  image: 'steps',
  input: z.object({ page: z.int().default(0), texts: z.array(z.string()).default([]) }),
  output: z.object({ texts: z.array(z.string()), bounded: z.array(z.int()).max(900) }),
  timeout: '1h',
})

function problemsOf(definition: DagDefinition): readonly DagError[] {
  try {
    return compileDag(definition, { projectDir: import.meta.dirname }).warnings
  } catch (error) {
    if (!(error instanceof DagProblems)) throw error
    return error.problems
  }
}

const toldOf = (definition: DagDefinition) =>
  problemsOf(definition).map(({ code, message }) => `${code} ${message}`)

const sideBySide = (count: number) =>
  dag('shop', { description: 'Side by side' }, ({ task }) => {
    for (let index = 0; index < count; index++) task(`task_${index}`, load, { page: index })
  })

it('the items that a schema allows count as if they were there', () => {
  const definition = dag('shop', { description: 'Items' }, ({ task, map }) => {
    const list = task('list', load, {})
    map('load', load, { page: list.bounded }, { retries: 3 })
  })
  expect(toldOf(definition).join('\n')).toMatch(/^DAG501 steps executed/m)
})

it('what holds most of the memory, or takes most of the steps, is where an exceeded limit is told', () => {
  const page = { page: Array.from({ length: 900 }, (_, index) => index) }
  const lines = new Map<string, number | undefined>()
  const definition = dag('shop', { description: 'Items' }, ({ task, map }) => {
    task('small', load, {})
    map('many', load, page, { retries: 3 })
    task('other', load, {})
  })
  for (const { id, at } of definition.tasks) lines.set(id, at?.line)
  expect(problemsOf(definition).map(({ message, at }) => [message.split(':')[0], at?.line])).toContainEqual([
    'steps executed per execution',
    lines.get('many'),
  ])
  const held = dag('shop', { description: 'Memory' }, ({ task }) => {
    task('small', load, {})
    task('large', load, { texts: ['x'.repeat(300_000)] })
  })
  expect(problemsOf(held).map(({ message, at }) => [message.split(':')[0], at])).toContainEqual([
    'memory of variables, arguments and events per execution',
    held.tasks[1]?.at,
  ])
})

describe('what compiles without a word', () => {
  it('runs to its end though every task fails with all the words there are', async () => {
    const definition = sideBySide(40)
    expect(toldOf(definition)).toEqual([])
    const { source } = compileDag(definition, { projectDir: import.meta.dirname })
    const body = mapOf({ error: mapOf({ message: '漢'.repeat(450) }) })
    const { value, memory } = await runIn(workflowOf(source), {
      failing: (connector) => (connector.includes('jobs.run') ? httpError(400, mapOf({}), body) : null),
    })
    expect(value['tags']).toEqual(['DagRunFailed'])
    expect(Object.keys(value['tasks'] as object)).toHaveLength(40)
    expect(memory).toBeLessThan(512 * 1024)
  })
})
