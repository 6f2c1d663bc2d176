import { withCommas } from '../../artifact/numbers.ts'
import { cronSets, ticksPerYear } from '../../dsl/cron-fields.ts'
import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import type { WorkflowDocument } from '../../language/tree.ts'
import { billedSteps, plainCalls } from '../check/plain-steps.ts'
import { pollsWithin } from '../check/polls.ts'
import { priceList, type OwnPrices, type Price, type PriceList } from './prices.ts'

/** How long a container, and a query, are taken to run; their logs tell how long they do. */
const assumedSeconds = 60

/** Runs a month of a DAG that is started by hand. */
const assumedRuns = 30

interface CostOptions {
  readonly definition: DagDefinition
  readonly tasks: readonly TaskDefinition[]
  readonly workflow: WorkflowDocument
  /** @default those of the list */
  readonly prices?: OwnPrices | undefined
}

interface Item {
  readonly price: Price
  /** Of one run. */
  readonly amount: number
}

/** What runs cost in which all goes well at the first try, with the arithmetic: lines of the README. */
export function costSection(options: CostOptions): readonly string[] {
  const { definition, tasks } = options
  const { prices, query, whose } = priceList(options.prices)
  const items = itemsOf(options, prices)
  const runs = runsPerMonth(definition)
  const models = tasks.filter(({ kind }) => kind === 'model').length
  const perRun = sum(items.map(({ price, amount }) => dollars(price, amount)))
  const perMonth = sum(items.map(({ price, amount }) => dollars(price, amount * runs)))
  const afterFree = sum(
    items.map(({ price, amount }) => dollars(price, Math.max(0, amount * runs - price.free))),
  )
  const rows = items.map(({ price, amount }) => [
    `[${price.name}](${price.page})`,
    `${withCommas(amount)} ${price.unit}`,
    `${usd(dollars(price, amount))} = ${withCommas(amount)} × ${price.usd} / ${withCommas(price.per)}`,
    `${withCommas(amount * runs)} ${price.unit}: ${usd(dollars(price, amount * runs))}`,
    `${withCommas(price.free)}: ${usd(dollars(price, Math.max(0, amount * runs - price.free)))}`,
  ])
  return [
    '## Cost',
    '',
    `A run costs about ${usd(perRun)}, ${withCommas(runs)} runs a month ${usd(perMonth)}, and ${usd(afterFree)} beyond what is free, ` +
      `if every task works at once${models > 0 ? '; what queries read comes on top' : ''}.`,
    '',
    ...table(['what', 'a run', 'cost of a run', 'a month', 'beyond what is free a month'], rows),
    '',
    [
      whose,
      `Containers and queries are taken to run ${assumedSeconds} s, which makes ${pollsWithin(assumedSeconds)} polls each;`,
      definition.schedule === null
        ? `a DAG without a schedule is taken to run ${assumedRuns} times a month.`
        : 'runs are those of the schedule.',
      'Each assignment is billed as a step, also several in one step. The page leaves open whether steps that only hold others, such as `try`, count: here they do.',
      ...(models > 0
        ? [
            `[BigQuery](${query.page}) bills the bytes that ${models} ${models === 1 ? 'query reads' : 'queries read'}, at ${query.usd} USD a TiB`,
            `beyond ${query.freeTebibytes} TiB a month; how many they are only a run tells.`,
          ]
        : []),
    ].join(' '),
    '',
  ]
}

function itemsOf({ tasks, workflow }: CostOptions, prices: PriceList['prices']): readonly Item[] {
  const steps = tasks.flatMap((task) => (task.kind === 'step' ? [task.contract.resources] : []))
  const waits = tasks.filter(({ kind }) => kind === 'step' || kind === 'model').length
  const external = plainCalls(
    workflow,
    (callee) => callee.startsWith('http.') || callee === 'events.await_callback',
  )
  const all = billedSteps(workflow) + waits * pollsWithin(assumedSeconds)
  const storage = (...methods: readonly string[]) =>
    plainCalls(workflow, (callee) =>
      methods.some((method) => callee === `googleapis.storage.v1.objects.${method}`),
    )
  return [
    { price: prices.internalSteps, amount: all - external },
    { price: prices.externalSteps, amount: external },
    { price: prices.cpu, amount: sum(steps.map(({ cpu }) => cpus(cpu))) * assumedSeconds },
    { price: prices.memory, amount: sum(steps.map(({ memory }) => gibibytes(memory))) * assumedSeconds },
    // A container writes its output, too.
    { price: prices.writes, amount: storage('insert', 'copy', 'list') + steps.length },
    { price: prices.reads, amount: storage('get') },
  ].filter(({ amount }) => amount > 0)
}

function runsPerMonth({ schedule }: DagDefinition): number {
  return schedule === null ? assumedRuns : ticksPerYear(cronSets(schedule.cron)) / 12
}

/** `1`, `0.5` or `500m`. https://cloud.google.com/run/docs/configuring/jobs/cpu */
function cpus(text: string): number {
  return text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text)
}

/** `512Mi` or `2Gi`. https://cloud.google.com/run/docs/configuring/jobs/memory-limits */
function gibibytes(text: string): number {
  return text.endsWith('Mi') ? Number(text.slice(0, -2)) / 1024 : Number(text.slice(0, -2))
}

function dollars({ usd: price, per }: Price, amount: number): number {
  return (amount / per) * price
}

/** Two digits that say something, at least cents. */
function usd(amount: number): string {
  const digits = amount === 0 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(amount)))
  return `${amount.toFixed(digits)} USD`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '--').join('|')}|`, ...rows.map(line)]
}
