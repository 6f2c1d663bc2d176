import { parseWorkflow } from '../language/index.ts'
import { virtualClock } from '../simulator/clock.ts'
import { compileWorkflow } from '../simulator/engine/index.ts'
import type { EngineHost, StepEntry } from '../simulator/engine/index.ts'

/*
 * Plain workflow steps per second, in process, with the virtual clock. Run it bundled, as Node 20 does not read
 * TypeScript: npx esbuild bench/engine.ts --bundle --platform=node --format=esm --packages=external
 *   --outfile=dist/bench/engine.mjs && node dist/bench/engine.mjs
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
}

async function measure(
  source: string,
  limit: number,
  executions: number,
  detailed: boolean,
): Promise<Measure> {
  const { document } = parseWorkflow(source)
  if (document === null) throw new Error('the benchmark does not parse')
  const workflow = compileWorkflow(document)
  let steps = 0
  const start = performance.now()
  for (let index = 0; index < executions; index += 1) {
    const entries: StepEntry[] = []
    const execution = workflow.execute({
      host,
      argument: BigInt(limit),
      history: { started: (entry) => void entries.push(entry), ended: () => undefined },
      historyLevel: detailed ? 'detailed' : 'basic',
    })
    const { state } = await execution.outcome
    if (state !== 'SUCCEEDED') throw new Error(`the benchmark ended ${state}`)
    steps += execution.billedSteps()
  }
  return { steps, seconds: (performance.now() - start) / 1000 }
}

const rows = [
  { name: 'jumps, 1k steps', source: jumps, limit: 500, executions: 200, detailed: false },
  { name: 'jumps, 10k steps', source: jumps, limit: 5_000, executions: 20, detailed: false },
  { name: 'jumps, 100k steps', source: jumps, limit: 49_000, executions: 2, detailed: false },
  { name: 'jumps, 1M steps over executions', source: jumps, limit: 49_000, executions: 10, detailed: false },
  { name: 'jumps, detailed history', source: jumps, limit: 49_000, executions: 2, detailed: true },
  { name: 'loop with element writes', source: loop, limit: 90_000, executions: 2, detailed: false },
  { name: 'subworkflow calls', source: calls, limit: 49_000, executions: 2, detailed: false },
  { name: 'parallel, an iteration a step', source: branches, limit: 90_000, executions: 2, detailed: false },
  { name: 'parallel, 20 branches', source: parallel, limit: 90_000, executions: 2, detailed: false },
]

await measure(jumps, 5_000, 4, false)
for (const { name, source, limit, executions, detailed } of rows) {
  const { steps, seconds } = await measure(source, limit, executions, detailed)
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20)
  console.log(
    `${name}: ${Math.round(steps / seconds)} steps/s (${steps} steps, ${seconds.toFixed(2)} s, rss ${memory} MB)`,
  )
}
