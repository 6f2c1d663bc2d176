import { describe, expect, it } from 'vitest'
import { column, cron, dag, model, sql, z, type DagDefinition } from '../../dsl/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'
import { compileDag } from '../compile.ts'
import { prices, type OwnPrices } from './prices.ts'

const load = defineContract({
  name: 'cost/load',
  image: 'steps',
  input: z.object({}),
  output: z.object({ rows: z.int() }),
  timeout: '10m',
  resources: { cpu: '2', memory: '512Mi' },
})

const hourly = dag(
  'hourly',
  { description: 'Two tasks', schedule: cron('0 * * * *', 'Etc/UTC') },
  ({ task }) => {
    const first = task('first', load, {})
    task('second', load, {}, { after: first })
  },
)

interface Line {
  readonly run: number
  readonly cost: number
  readonly month: number
  readonly monthCost: number
  readonly free: number
  readonly beyond: number
}

/** The numbers of the table under `## Cost`, by its first column, and those of the sentence above it. */
function costOf(definition: DagDefinition, own?: OwnPrices) {
  const options = { projectDir: import.meta.dirname, prices: own }
  const readme = compileDag(definition, options).files['README.md'] ?? ''
  const section = readme.slice(readme.indexOf('## Cost'))
  const number = (text: string) => Number(text.replaceAll(',', ''))
  const lines = section.split('\n').flatMap((line): [string, Line][] => {
    const [, name, ...cells] = line.split('|').map((cell) => cell.trim())
    const title = /^\[(.*)\]/.exec(name ?? '')?.[1]
    const values =
      cells
        .join(' ')
        .match(/[\d,]+(?:\.\d+)?/g)
        ?.map(number) ?? []
    if (title === undefined) return []
    const [run = 0, cost = 0, , , , month = 0, monthCost = 0, free = 0, beyond = 0] = values
    return [[title, { run, cost, month, monthCost, free, beyond }]]
  })
  const [perRun = 0, runs = 0, perMonth = 0, beyondFree = 0] =
    section
      .match(/A run costs[^.]*\.\d+[^.]*\.\d+[^.]*\.\d+[^.]*\.\d+/)?.[0]
      .match(/[\d,]+\.\d+/g)
      ?.map(number) ?? []
  return { section, lines: new Map(lines), perRun, runs, perMonth, beyondFree }
}

describe('the cost in the README', () => {
  const { lines, perRun, runs, perMonth, beyondFree } = costOf(hourly)

  it('takes the runs of the schedule, 24 a day', () => {
    expect(runs).toBeCloseTo((24 * 365.25) / 12, 0)
  })

  it('counts two containers of 2 CPUs and half a GiB, a minute each', () => {
    expect(lines.get('Cloud Run jobs, CPU')).toMatchObject({ run: 240, free: 240_000 })
    expect(lines.get('Cloud Run jobs, memory')).toMatchObject({ run: 60, free: 450_000 })
    // 240 vCPU-seconds at 18 millionths of a dollar
    expect(lines.get('Cloud Run jobs, CPU')?.cost).toBeCloseTo(0.0043, 4)
  })

  it('is of each line amount times price, by the month and beyond what is free', () => {
    expect(lines.size).toBeGreaterThanOrEqual(4)
    for (const price of Object.values(prices)) {
      const line = lines.get(price.name)
      if (line === undefined) continue
      const near = (shown: number, exact: number) =>
        expect(Math.abs(shown - exact)).toBeLessThan(0.06 * exact + 0.005)
      near(line.cost, (line.run / price.per) * price.usd)
      near(line.month, line.run * runs)
      near(line.monthCost, (line.month / price.per) * price.usd)
      expect(line.free).toBe(price.free)
      near(line.beyond, (Math.max(0, line.month - price.free) / price.per) * price.usd)
    }
  })

  it('adds the lines up', () => {
    const total = (of: (line: Line) => number) => [...lines.values()].reduce((sum, line) => sum + of(line), 0)
    expect(perRun).toBeCloseTo(
      total(({ cost }) => cost),
      3,
    )
    expect(perMonth).toBeCloseTo(
      total(({ monthCost }) => monthCost),
      1,
    )
    expect(beyondFree).toBeCloseTo(
      total(({ beyond }) => beyond),
      1,
    )
  })

  it('bills each assignment as a step: more than the steps that run', () => {
    const readme = compileDag(hourly, { projectDir: import.meta.dirname }).files['README.md'] ?? ''
    const steps = Number(/takes (\d+) steps/.exec(readme)?.[1])
    // Of one minute, twelve polls for each container.
    expect(lines.get('Workflows, internal steps')?.run).toBeGreaterThan(steps + 2 * 12)
  })
})

describe('prices of the project', () => {
  const own = { of: 'the contract of 2026', cpu: { usd: 0.00025, free: 0 }, queries: { usd: 5 } }
  const listed = costOf(hourly)
  const { section, lines } = costOf(hourly, own)

  it('take the place of those of the list, which stay for everything else', () => {
    const cpu = lines.get('Cloud Run jobs, CPU')
    expect(cpu?.cost).toBeCloseTo(240 * 0.00025, 4)
    expect(cpu?.free).toBe(0)
    const others = (from: typeof lines) => [...from].filter(([name]) => name !== 'Cloud Run jobs, CPU')
    expect(others(lines)).toEqual(others(listed.lines))
  })

  it('are named, with whose they are', () => {
    expect(section).toMatch(
      /The prices of Cloud Run jobs, CPU; queries are those of `dag\.config\.ts`: the contract of 2026\. All others: list prices /,
    )
    expect(listed.section).not.toContain('dag.config.ts')
  })

  it('are all that is told of where the project knows each', () => {
    const each = { usd: 1 }
    const all = {
      of: 'us',
      internalSteps: each,
      externalSteps: each,
      cpu: each,
      memory: each,
      writes: each,
      reads: each,
    }
    expect(costOf(hourly, { ...all, queries: each }).section).not.toMatch(/list prices/i)
    expect(costOf(hourly, all).section).toMatch(/list prices/)
  })

  it('of queries count where a DAG has models', () => {
    const definition = dag('sales', { description: 'A model' }, ({ build }) =>
      build(
        model({
          layer: 'dmt',
          dataset: 'shop_dmt',
          table: 'sale',
          description: 'Sales',
          columns: { dt: column.date('day') },
          primaryKey: ['dt'],
          partitionBy: 'dt',
          retentionDays: 730,
          sql: sql`SELECT 1`,
        }),
      ),
    )
    expect(costOf(definition, own).section).toContain('at 5 USD a TiB beyond 1 TiB a month')
    expect(costOf(definition).section).toContain('at 6.25 USD a TiB beyond 1 TiB a month')
  })
})
