import { describe, expect, it } from 'vitest'
import { compileDag } from '../../compiler/index.ts'
import { column, dag, model, sql, text, z, type DagDefinition, type RetryOptions } from '../../dsl/index.ts'
import { httpError, mapOf } from '../../simulator/engine/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'
import { runIn, workflowOf, type WorldOptions } from '../golden/world.ts'

/** How long a run waits between the tries of whatever can be tried again. */

const load = defineContract({
  name: 'limits/load',
  image: 'steps',
  input: z.object({ page: z.int() }),
  output: z.object({}),
})

const sale = model({
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'sale',
  description: 'Sales',
  columns: { dt: column.date('day') },
  primaryKey: ['dt'],
  partitionBy: 'dt',
  retentionDays: 730,
  sql: sql`SELECT 1`,
})

type Kind = readonly [
  name: string,
  build: (options: RetryOptions) => DagDefinition,
  world: WorldOptions,
  routine: string,
  instances: number,
]

const busy = httpError(503, mapOf({}), mapOf({ error: mapOf({ message: 'busy' }) }))
const busyAt = (part: string): WorldOptions => ({ failing: (name) => (name.includes(part) ? busy : null) })
const described = { description: 'Fails' }
const pages = [1, 2, 3]

const kinds: readonly Kind[] = [
  [
    'instances of a step',
    (options) => dag('shop', described, ({ map }) => map('load', load, { page: pages }, options)),
    { job: () => ({ behaviour: 'crash', seconds: 1 }) },
    'task_load',
    3,
  ],
  [
    'a step whose job cannot be asked for',
    (options) => dag('shop', described, ({ task }) => task('load', load, { page: 1 }, options)),
    busyAt('run.v2.projects.locations.jobs.run'),
    'task_load',
    1,
  ],
  [
    'requests, item by item',
    (options) =>
      dag('shop', described, ({ mapGroup, http }) =>
        mapGroup('shops', pages, (shop) => http('ask', { service: 'stock', path: text`/${shop}` }, options)),
      ),
    { answer: () => ({ status: 503 }) },
    'task_ask',
    3,
  ],
  [
    'a request whose service cannot be reached',
    (options) => dag('shop', described, ({ http }) => http('ask', { service: 'stock', path: '/' }, options)),
    busyAt('http'),
    'task_ask',
    1,
  ],
  [
    'a model whose query fails for now',
    (options) => dag('shop', described, ({ build }) => build(sale, options)),
    { queries: { dmt_sale: [{ reason: 'backendError' }] } },
    'task_dmt_sale',
    1,
  ],
  [
    'a model whose query cannot be asked for',
    (options) => dag('shop', described, ({ build }) => build(sale, options)),
    busyAt('bigquery.v2.jobs.insert'),
    'task_dmt_sale',
    1,
  ],
]

/** Of each instance, by the order in which they started. */
async function waitsOf([, build, world, routine]: Kind, options: RetryOptions): Promise<readonly number[][]> {
  const { source } = compileDag(build(options), { projectDir: import.meta.dirname })
  const { entries, state } = await runIn(workflowOf(source), world)
  expect(state).toBe('FAILED')
  const waits = new Map<string, number[]>()
  for (const entry of entries.filter((each) => each.routine === routine && each.step === 'wait')) {
    const own = waits.get(entry.threadId) ?? []
    waits.set(entry.threadId, [...own, (entry.updateTime - entry.createTime) / 1000])
  }
  return [...waits].toSorted(([a], [b]) => Number(a) - Number(b)).map(([, each]) => each)
}

describe.each(kinds)('delays between tries of %s', (...kind) => {
  const [, , , , instances] = kind

  it('differ by instance, are the same in every run, and never exceed the cap where they grow', async () => {
    const growing = { retries: 3, retryDelay: '100s', retryBackoff: 2, maxRetryDelay: '199s' } as const
    const waits = await waitsOf(kind, growing)
    expect(waits).toEqual(await waitsOf(kind, growing))
    expect(waits).toHaveLength(instances)
    expect(new Set(waits.map(([first]) => first)).size).toBe(instances)
    for (const [first = 0, ...others] of waits) {
      expect(first).toBeGreaterThan(100)
      expect(first).toBeLessThan(199)
      expect(others).toEqual([199, 199])
    }
  })

  it('are spread below the cap, each over its own share', async () => {
    const [waits = []] = await waitsOf(kind, {
      retries: 3,
      retryDelay: '100s',
      retryBackoff: 2,
      maxRetryDelay: '1d',
    })
    expect(waits).toHaveLength(3)
    for (const [place, wait] of waits.entries()) {
      const least = 100 * 2 ** place
      expect(wait).toBeGreaterThanOrEqual(least)
      expect(wait).toBeLessThanOrEqual(2 * least)
    }
  })

  it('are the cap where they do not grow', async () => {
    const constant = { retries: 3, retryDelay: '200s', maxRetryDelay: '90s' } as const
    expect(await waitsOf(kind, constant)).toEqual(Array.from({ length: instances }, () => [90, 90, 90]))
  })
})
