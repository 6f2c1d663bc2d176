import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { expect } from 'vitest'
import { containerScript, testProject, type TestProject } from './project.ts'

/** A project whose steps are real processes: those of one image with the runtime that images have, those of `light` bare. */

const contracts = `
import { z } from 'dagwright'
import { defineContract } from 'dagwright/steps'
const order = z.object({ no: z.int(), lines: z.array(z.string()) })
const step = (name, input, output) =>
  defineContract({ name: 'shop/' + name, image: 'shop', input: z.object(input), output: z.object(output) })
export const list = step('list', {}, { orders: z.array(order), none: z.array(order) })
export const price = step('price', { order }, { no: z.int(), cents: z.int() })
export const pack = step('pack', { priced: z.object({ no: z.int(), cents: z.int() }), order }, { label: z.string() })
const seen = { seen: z.record(z.string(), z.unknown()) }
export const see = step('see', { values: z.record(z.string(), z.unknown()) }, seen)
export const count = step('count', {}, { numbers: z.array(z.int()) })
export const square = defineContract({
  name: 'light/square', image: 'light', input: z.object({ number: z.int(), least: z.int() }),
  output: z.object({ square: z.int() }) })
`

/** Four orders: the third has no lines, so that its instance skips itself. */
const handlers = `
import { appendFileSync, existsSync } from 'node:fs'
import { defineStep, runMain, StepError } from 'dagwright/steps'
import * as contracts from './contracts.ts'
const lines = [['tea'], ['rice', 'salt'], [], ['figs']]
const fails = ({ run }) => existsSync('fail-' + run.task + '-' + run.mapIndex)
const started = (handler) => async (input, context) => {
  appendFileSync('starts.txt', context.run.task + '/' + context.run.mapIndex + '\\n')
  if (fails(context)) throw new StepError({ code: 'no_price', message: 'no price yet', retryable: false })
  return handler(input, context)
}
const steps = {
  list: async () => ({ orders: lines.map((each, no) => ({ no, lines: each })), none: [] }),
  price: async ({ order }, context) => {
    if (order.lines.length === 0) context.skip('nothing in it')
    return { no: order.no, cents: 100 * order.lines.length }
  },
  pack: async ({ priced, order }) => ({ label: priced.no + ': ' + order.lines.join(' and ') + ' for ' + priced.cents }),
  see: async ({ values }) => ({ seen: values }),
  count: async () => ({ numbers: Array.from({ length: 200 }, (_, number) => number) }),
}
const loaders = Object.entries(steps).map(([name, handler]) =>
  ['shop/' + name, async () => defineStep(contracts[name], started(handler))])
const code = await runMain(Object.fromEntries(loaders), process.argv.slice(2), process.env)
process.stdout.write('', () => process.exit(code))
`

const dag = `
import { dag, outcomesOf, outputsOf } from 'dagwright'
import { list, pack, price, see } from '../contracts.ts'
export default dag('shop', { description: 'Orders of a shop' }, ({ task, map, mapGroup }) => {
  const { orders, none } = task('list', list, {})
  const priced = map('price', price, { order: orders }, { maxConcurrent: 2, tolerateFailed: 1 })
  const values = { outputs: priced.outputs, outcomes: priced.outcomes }
  task('bill', see, { values }, { triggerRule: 'all_done' })
  task('close', see, { values }, { triggerRule: 'none_failed' })
  const parcels = mapGroup('parcels', orders, (order) => {
    const each = task('weigh', price, { order })
    return { each, packed: task('pack', pack, { priced: each, order }) }
  }, { maxConcurrent: 2 })
  const { each, packed } = parcels.value
  const labels = { labels: outputsOf(packed), ends: outcomesOf(packed), weights: outcomesOf(each) }
  task('ship', see, { values: labels }, { triggerRule: 'all_done' })
  const nothing = map('no_price', price, { order: none })
  const left = { outputs: nothing.outputs, outcomes: nothing.outcomes }
  task('after_none', see, { values: left }, { triggerRule: 'all_done' })
})
`

const many = `
import { dag } from 'dagwright'
import { count, see, square } from '../contracts.ts'
export default dag('many', { description: 'Two hundred instances' }, ({ task, map }) => {
  const { numbers } = task('count', count, {})
  const partial = { least: 4 }
  const squares = map('square', square, { number: numbers }, { partial, maxConcurrent: 10, tolerateFailed: '1%' })
  task('tell', see, { values: { outputs: squares.outputs, outcomes: squares.outcomes } })
})
`

const three = `
import { dag } from 'dagwright'
import { square } from '../contracts.ts'
export default dag('three', { description: 'Three at a time' }, ({ map }) => {
  const number = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  map('square', square, { number }, { partial: { least: 3 }, maxConcurrent: 3 })
})
`

/** The first ones, and one more, wait until so many are there, and then for whoever should not be. */
const light = containerScript(`
const { appendFileSync, readFileSync } = await import('node:fs')
const { number, least } = input
const file = 'crowd-' + run.dag + '.txt'
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))
const arrived = () => readFileSync(file, 'utf8').split('start').length - 1
const until = async (isSo, turns) => { for (let turn = 0; turn < turns && !isSo(); turn++) await wait(20) }
appendFileSync(file, 'start ' + number + '\\n')
if (number <= least) {
  await until(() => arrived() >= least, 500)
  await until(() => arrived() > least, 75)
}
const fails = number === 17 || number === 150
const outcome = fails ? { error: { code: 'odd_one', message: 'cannot' } } : { output: { square: number * number } }
appendFileSync(file, 'end ' + number + '\\n')
`)

interface Span {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

export interface MappedProject extends TestProject {
  /** Lets an instance fail by itself, `price/0` for instance, or no more. */
  readonly fail: (instance: string) => void
  readonly mend: (instance: string) => void
  /** The instances that were started since this was asked last, one entry for each process. */
  readonly started: () => readonly string[]
  /** What a task `see` was given, by its own output in the ledger. */
  readonly seen: (dag: string, run: string, task: string) => Promise<Readonly<Record<string, unknown>>>
  /** When each execution of a task's container was there, by the service's account in milliseconds. */
  readonly executions: (dag: string, task: string) => Promise<readonly Span[]>
  /** Starts and ends of light instances, in the order in which they came. */
  readonly crowd: (dag: string) => readonly { readonly what: string; readonly number: number }[]
}

interface Page {
  readonly executions?: readonly { readonly createTime: string; readonly completionTime: string }[]
  readonly nextPageToken?: string
}

/** Makes the project and bundles its image. */
export async function mappedProject(): Promise<MappedProject> {
  const project = testProject({
    'package.json': '{"type":"module"}',
    'dags/contracts.ts': contracts,
    'dags/shop/dag.ts': dag,
    'dags/many/dag.ts': many,
    'dags/three/dag.ts': three,
    'dags/main.ts': handlers,
    'light.mjs': light,
    'dag.config.mjs': `export default ${JSON.stringify({
      environments: {},
      images: {
        shop: { command: [process.execPath, 'steps.mjs'] },
        light: { command: [process.execPath, 'light.mjs'] },
      },
    })}`,
  })
  const root = resolve(import.meta.dirname, '../..')
  await build({
    entryPoints: [join(project.folder, 'dags/main.ts')],
    outfile: join(project.folder, 'steps.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: {
      dagwright: join(root, 'dsl/index.ts'),
      'dagwright/steps': join(root, 'steps/runtime/index.ts'),
    },
    banner: {
      js: "import { createRequire as require1 } from 'node:module'; const require = require1(import.meta.url);",
    },
    logLevel: 'error',
  })
  const path = (name: string) => join(project.folder, name)
  const mark = (instance: string) => path(`fail-${instance.replace('/', '-')}`)
  const get = async (at: string): Promise<unknown> => {
    const { url } = JSON.parse(readFileSync(path('.dag/emulator.json'), 'utf8')) as { url: string }
    const response = await fetch(url + at)
    expect(response.status, at).toBe(200)
    return response.json()
  }
  return {
    ...project,
    fail: (instance) => writeFileSync(mark(instance), ''),
    mend: (instance) => rmSync(mark(instance)),
    started: () => {
      const file = path('starts.txt')
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
      writeFileSync(file, '')
      return lines.filter((line) => line !== '').toSorted()
    },
    seen: async (of, run, task) => {
      const name = encodeURIComponent(`runs/${of}/${run}/${task}/0/result.json`)
      const { output } = (await get(`/storage/v1/b/local-project-data/o/${name}?alt=media`)) as {
        output: { seen: Record<string, unknown> }
      }
      return output.seen
    },
    executions: async (of, task) => {
      const job = `/v2/projects/local-project/locations/us-central1/jobs/${of}--${task}`
      const spans: Span[] = []
      for (let token: string | undefined = ''; token !== undefined;) {
        const page = (await get(`${job}/executions?pageSize=100&pageToken=${token}`)) as Page
        for (const { createTime, completionTime } of page.executions ?? []) {
          spans.push({ from: Date.parse(createTime), to: Date.parse(completionTime) })
        }
        token = page.nextPageToken
      }
      return spans
    },
    crowd: (of) =>
      readFileSync(path(`crowd-${of}.txt`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => {
          const [what = '', number] = line.split(' ')
          return { what, number: Number(number) }
        }),
  }
}
