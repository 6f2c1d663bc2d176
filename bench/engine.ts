import { parseWorkflow } from '../language/index.ts'
import { virtualClock } from '../simulator/clock.ts'
import { compileWorkflow } from '../simulator/engine/index.ts'
import type { EngineHost } from '../simulator/engine/index.ts'

/*
 * Plain workflow steps per second and memory, in process, with the virtual clock: `npm run bench:engine`. Every shape
 * runs with 1,000, 10,000 and 100,000 steps in one execution; `linear` is its rate at 100,000 over that at 1,000. Bar:
 * 200,000 steps/s for the first shape with basic history.
 */

/** Counts up in a hand-made loop: one assignment and one switch a turn. */
const jumps = `
main:
  params: [limit]
  steps:
    - init:
        assign:
          - n: 0
    - count:
        assign:
          - n: \${n + 1}
    - again:
        switch:
          - condition: \${n < limit}
            next: count
`

/** The same in a \`for\`, with an element written each turn. */
const loop = `
main:
  params: [limit]
  steps:
    - init:
        assign:
          - totals: {even: 0, odd: 0}
    - each:
        for:
          value: n
          range: \${[1, limit]}
          steps:
            - add:
                assign:
                  - totals[if(n % 2 == 0, "even", "odd")]: \${n + 1}
`

/** Twenty branches that take turns at every step. */
const parallel = `
main:
  params: [limit]
  steps:
    - init:
        assign:
          - total: 0
    - each:
        parallel:
          shared: [total]
          for:
            value: branch
            range: [1, 20]
            steps:
              - inner:
                  for:
                    value: n
                    range: \${[1, limit // 20]}
                    steps:
                      - add:
                          assign:
                            - total: \${total + 1}
`

/** A subworkflow call and its return each turn. */
const calls = `
main:
  params: [limit]
  steps:
    - each:
        for:
          value: n
          range: \${[1, limit]}
          steps:
            - twice:
                call: double_it
                args: {x: "\${n}"}
                result: y
double_it:
  params: [x]
  steps:
    - give:
        return: \${x * 2}
`

/** Every iteration is a branch of its own; 20 of them run at once. */
const branches = `
main:
  params: [limit]
  steps:
    - init:
        assign:
          - total: 0
    - each:
        parallel:
          shared: [total]
          for:
            value: n
            range: \${[1, limit]}
            steps:
              - add:
                  assign:
                    - total: \${total + n}
`

const host: EngineHost = {
  clock: virtualClock(0),
  connector: () => null,
  http: () => Promise.reject(new Error('no http in the benchmark')),
  environment: () => null,
  log: () => undefined,
}

interface Measure {
  readonly steps: number
  readonly seconds: number
  /** MB by which the heap has grown at most, entries of the history left aside. */
  readonly memory: number
}

/** Runs a source until `total` steps have been made in executions of `limit` turns each. */
async function measure(source: string, limit: number, total: number, detailed: boolean): Promise<Measure> {
  const { document } = parseWorkflow(source)
  if (document === null) throw new Error('the benchmark does not parse')
  const workflow = compileWorkflow(document)
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  let most = before
  let entries = 0
  let steps = 0
  const start = performance.now()
  while (steps < total) {
    const execution = workflow.execute({
      host,
      argument: BigInt(limit),
      history: { started: () => void (entries += 1), ended: () => undefined },
      historyLevel: detailed ? 'detailed' : 'basic',
    })
    const { state } = await execution.outcome
    if (state !== 'SUCCEEDED') throw new Error(`the benchmark ended ${state}`)
    steps += execution.billedSteps()
    most = Math.max(most, process.memoryUsage().heapUsed)
  }
  const seconds = (performance.now() - start) / 1000
  if (entries < steps / 2) throw new Error('the benchmark left no history')
  return { steps, seconds, memory: (most - before) / 2 ** 20 }
}

/** `turns` of one execution with so many steps. */
const shapes = [
  { name: 'assign and switch, jumping', source: jumps, turns: (steps: number) => (steps - 1) / 2 },
  { name: 'for, writing an element', source: loop, turns: (steps: number) => steps - 2 },
  { name: 'for, calling a subworkflow', source: calls, turns: (steps: number) => (steps - 1) / 2 },
  { name: 'parallel, 20 branches', source: parallel, turns: (steps: number) => steps - 30 },
  { name: 'parallel, an iteration a step', source: branches, turns: (steps: number) => steps - 2 },
]
/** What one execution may have, a little less because shapes have steps around their loops. */
const sizes = [1_000, 10_000, 99_900]
const BAR = 200_000

const rate = ({ steps, seconds }: Measure) => steps / seconds
const print = (...cells: readonly string[]) =>
  console.log(
    cells.map((cell, index) => (index < 2 ? cell.padEnd([30, 9][index]!) : cell.padStart(11))).join(' '),
  )

await measure(jumps, 5_000, 100_000, false)
print('steps/s', 'history', '1k', '10k', '100k', 'linear', 'heap, MB')
let plain = 0
for (const { name, source, turns } of shapes) {
  for (const detailed of [false, true]) {
    const measured: Measure[] = []
    for (const size of sizes) {
      measured.push(await measure(source, Math.floor(turns(size)), 200_000, detailed))
    }
    const rates = measured.map(rate)
    if (plain === 0) plain = Math.min(...rates)
    const linear = rates.at(-1)! / rates[0]!
    const memory = Math.max(...measured.map((one) => one.memory))
    print(
      name,
      detailed ? 'detailed' : 'basic',
      ...rates.map((one) => Math.round(one).toLocaleString('en')),
      linear.toFixed(2),
      memory.toFixed(0),
    )
  }
}
const million = await measure(jumps, 49_000, 1_000_000, false)
print(
  '1M steps over executions',
  'basic',
  Math.round(rate(million)).toLocaleString('en'),
  '',
  '',
  '',
  million.memory.toFixed(0),
)
console.log(
  `slowest of the first row: ${Math.round(plain).toLocaleString('en')} steps/s, bar ${BAR.toLocaleString('en')}`,
)
process.exit(plain >= BAR ? 0 : 1)
