import { describe, expect, it } from 'vitest'
import { compileDag } from '../../compiler/index.ts'
import { column, dag, DagProblems, model, sql, z, type DagDefinition } from '../../dsl/index.ts'
import { httpError, mapOf } from '../../simulator/engine/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'
import { runIn, workflowOf } from '../golden/world.ts'

/** DAGs just within a limit, and just beyond it. */

const load = defineContract({
  name: 'limits/load',
  image: 'steps',
  input: z.object({ page: z.int().default(0), texts: z.array(z.string()).default([]) }),
  output: z.object({ texts: z.array(z.string()), bounded: z.array(z.int()).max(900) }),
  timeout: '1h',
})

function toldOf(definition: DagDefinition): readonly string[] {
  try {
    const { warnings } = compileDag(definition, { projectDir: import.meta.dirname })
    return warnings.map(({ code, message }) => `${code} ${message}`)
  } catch (error) {
    if (!(error instanceof DagProblems)) throw error
    return error.problems.map(({ code, message }) => `${code} ${message}`)
  }
}

const described = (length: number) =>
  dag('shop', { description: 'x'.repeat(length) }, ({ task }) => task('load', load, {}))

const named = (length: number) =>
  dag('a'.repeat(30), { description: 'Names' }, ({ task }) => task('b'.repeat(length), load, {}))

const columns = (length: number) =>
  dag('shop', { description: 'A table' }, ({ build }) =>
    build(
      model({
        layer: 'dmt',
        dataset: 'shop_dmt',
        table: 'sale',
        description: 'Sales',
        columns: { dt: column.date('x'.repeat(length)) },
        primaryKey: ['dt'],
        partitionBy: 'dt',
        retentionDays: 730,
        sql: sql`SELECT @reference_date AS dt`,
      }),
    ),
  )

const delayed = (days: number) =>
  dag('shop', { description: 'Waits' }, ({ task }) =>
    task('load', load, {}, { retries: 1, retryDelay: `${days}d`, maxRetryDelay: `${days}d` }),
  )

/** With four tries of an hour each, an instance takes some 500 steps. */
const items = (count: number) =>
  dag('shop', { description: 'Items' }, ({ map }) =>
    map('load', load, { page: Array.from({ length: count }, (_, page) => page) }, { retries: 3 }),
  )

/** Outputs from task to task, which the workflow holds to the end. */
const passing = (count: number) =>
  dag('shop', { description: 'Passes lists on' }, ({ task }) => {
    let last = task('task_0', load, {})
    for (let index = 1; index < count; index++) last = task(`task_${index}`, load, { texts: last.texts })
  })

const waiting = (days: number) =>
  dag('shop', { description: 'Waits for people' }, ({ approval }) => {
    const first = approval(
      'first',
      { message: 'Go?', onReject: 'fail', onTimeout: 'fail' },
      { timeout: `${days}d` },
    )
    approval(
      'second',
      { message: 'Go?', onReject: 'fail', onTimeout: 'fail' },
      { timeout: `${days}d`, after: first },
    )
  })

const sideBySide = (count: number) =>
  dag('shop', { description: 'Side by side' }, ({ task }) => {
    for (let index = 0; index < count; index++) task(`task_${index}`, load, { page: index })
  })

describe('a DAG within a limit compiles, and one beyond it is told so by the limit', () => {
  it.each<[string, (amount: number) => DagDefinition, number, number, RegExp]>([
    ['workflow description', described, 1000, 1001, /^DAG501 workflow description: 1,001 of 1,000/],
    ['name of a Cloud Run job', named, 31, 32, /^DAG502 .* has 64 of 63 characters/],
    ['description of a column', columns, 1024, 1025, /^DAG501 description of a column: 1,025 of 1,024/],
    ['sleep', delayed, 364, 366, /^DAG104 task load: retryDelay is "366d"/m],
    ['execution duration', waiting, 182, 183, /^DAG508 execution duration/],
    ['source size', sideBySide, 40, 90, /^DAG501 source size/],
    ['memory', passing, 15, 40, /^DAG508 memory/],
  ])('%s', (_, build, within, beyond, told) => {
    expect(toldOf(build(within))).toEqual([])
    expect(toldOf(build(beyond)).join('\n')).toMatch(told)
  })

  it('steps, by the items of a list that is written out', () => {
    const { headRoom } = compileDag(items(2), { projectDir: import.meta.dirname })
    const most = headRoom.find(({ limit }) => limit.name === 'items of load')?.limit.value ?? 0
    expect(most).toBeGreaterThan(50)
    expect(most).toBeLessThan(1000)
    expect(toldOf(items(most)).filter((each) => each.includes('steps executed'))).toEqual([])
    expect(toldOf(items(most + 1)).join('\n')).toMatch(
      /^DAG501 steps executed per execution: 100,\d+ of 100,000/m,
    )
  })

  it('steps, by the items that a schema allows', () => {
    const definition = dag('shop', { description: 'Items' }, ({ task, map }) => {
      const list = task('list', load, {})
      map('load', load, { page: list.bounded }, { retries: 3 })
    })
    expect(toldOf(definition).join('\n')).toMatch(/^DAG501 steps executed/m)
  })
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

describe('delays between tries', () => {
  const growing = { retries: 3, retryDelay: '100s', retryBackoff: 2, maxRetryDelay: '199s' } as const
  const constant = { retries: 3, retryDelay: '200s', maxRetryDelay: '90s' } as const
  const mapped = (options: typeof growing | typeof constant) =>
    dag('shop', { description: 'Fails' }, ({ map }) => map('load', load, { page: [1, 2, 3] }, options))

  async function waitsOf(options: typeof growing | typeof constant) {
    const { source } = compileDag(mapped(options), { projectDir: import.meta.dirname })
    const { jobs } = await runIn(workflowOf(source), { job: () => ({ behaviour: 'crash', seconds: 1 }) })
    return [0, 1, 2].map((instance) => {
      const own = jobs.filter(({ index }) => index === instance)
      return own.slice(1).map(({ at }, place) => Math.round(at - (own[place]?.end ?? 0)))
    })
  }

  it('differ by instance, are the same in every run, and never exceed the cap where they grow', async () => {
    const waits = await waitsOf(growing)
    expect(waits).toEqual(await waitsOf(growing))
    expect(new Set(waits.map(([first]) => first)).size).toBe(3)
    for (const [first = 0, ...others] of waits) {
      expect(first).toBeGreaterThanOrEqual(100)
      expect(first).toBeLessThanOrEqual(199)
      expect(others).toEqual([199, 199])
    }
  })

  it('are the cap where they do not grow', async () => {
    expect(await waitsOf(constant)).toEqual([0, 1, 2].map(() => [90, 90, 90]))
  })
})
