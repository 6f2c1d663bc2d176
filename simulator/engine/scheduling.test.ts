import { describe, expect, test, vi } from 'vitest'
import { parseWorkflow } from '../../language/index.ts'
import { liveClock, poll, realClock, virtualClock } from '../clock.ts'
import { compileWorkflow, timeoutError, writeJson } from './index.ts'
import { runSource, START, testHost } from './testing/host.ts'
import type { Connector, Execution, StepEntry } from './index.ts'

/** Ten branches that append their number, thrice each with a pause of the same length. */
const RACE = `
main:
  steps:
    - init: {assign: [{order: []}]}
    - race:
        parallel:
          shared: [order]
          for:
            value: v
            range: [0, 9]
            steps:
              - turns:
                  for:
                    value: turn
                    range: [1, 3]
                    steps:
                      - note: {assign: [{order: '\${list.concat(order, v)}'}]}
                      - pause: {call: sys.sleep, args: {seconds: 10}}
              - id: {assign: [{mine: '\${uuid.generate()}'}]}
    - give: {return: '\${order}'}
`

async function race(seed: number): Promise<{ order: string; history: string }> {
  const { outcome, entries } = await runSource(RACE, { seed, historyLevel: 'detailed' })
  if (outcome.state !== 'SUCCEEDED') throw new Error(outcome.error.payload)
  const plain = (_: string, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    return value instanceof Map ? [...value] : value
  }
  return { order: JSON.stringify(outcome.result, plain), history: JSON.stringify(entries, plain) }
}

describe('the order of branches', () => {
  test('is the same for the same seed, to the last byte of the history', async () => {
    for (const seed of [1, 2, 3]) {
      const first = await race(seed)
      const second = await race(seed)
      expect(second.order).toBe(first.order)
      expect(second.history).toBe(first.history)
    }
  })

  test('differs between seeds', async () => {
    const orders = new Set<string>()
    for (let seed = 1; seed <= 20; seed += 1) orders.add((await race(seed)).order)
    expect(orders.size).toBeGreaterThan(15)
  })

  test('is fair: every branch comes first at some time, and none falls behind', async () => {
    const first = new Set<string>()
    for (let seed = 1; seed <= 100; seed += 1) {
      const order = (await race(seed)).order.match(/\d+/g) ?? []
      first.add(String(order[0]))
      // All of one pause end at the same instant: three rounds, each with every branch in it.
      for (const round of [0, 10, 20]) expect(new Set(order.slice(round, round + 10)).size).toBe(10)
    }
    expect(first.size).toBe(10)
  })

  test('a branch that computes does not keep the others from running', async () => {
    const source = `
main:
  steps:
    - init: {assign: [{turns: 0}, {seen: null}]}
    - both:
        parallel:
          shared: [turns, seen]
          branches:
            - busy:
                steps:
                  - spin: {assign: [{turns: '\${turns + 1}'}]}
                  - again: {switch: [{condition: '\${turns < 10000}', next: spin}]}
            - short:
                steps:
                  - a: {assign: [{x: 1}]}
                  - b: {assign: [{y: 1}]}
                  - c: {assign: [{seen: '\${turns}'}]}
    - give: {return: '\${seen}'}
`
    const { outcome } = await runSource(source)
    if (outcome.state !== 'SUCCEEDED') throw new Error(outcome.error.payload)
    expect(Number(outcome.result)).toBeLessThan(100)
  })
})

test('an answer that takes no real time comes in at the same place, however long slices of computing last', async () => {
  const source = `
main:
  steps:
    - init: {assign: [{n: 0}, {seen: []}]}
    - both:
        parallel:
          shared: [n, seen]
          branches:
            - busy:
                steps:
                  - spin: {assign: [{n: '\${n + 1}'}]}
                  - again: {switch: [{condition: '\${n < 20000}', next: spin}]}
            - asking:
                steps:
                  - ask: {call: googleapis.test.v1.ask, result: answer}
                  - note: {assign: [{seen: '\${list.concat(seen, n)}'}]}
                  - more: {switch: [{condition: '\${len(seen) < 30}', next: ask}]}
    - give: {return: '\${seen}'}
`
  const results = new Set<string>()
  for (let run = 0; run < 4; run += 1) {
    const burn = () => {
      for (const end = performance.now() + run * 2; performance.now() < end;);
    }
    const connector = async () => {
      burn()
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
      return null
    }
    const { outcome } = await runSource(source, {}, { connectors: { 'googleapis.test.v1.ask': connector } })
    if (outcome.state !== 'SUCCEEDED') throw new Error(outcome.error.payload)
    results.add(writeJson(outcome.result))
  }
  expect(results.size).toBe(1)
})

/** Three branches: one computes, two ask what takes as long as the disk behind it; each notes its turns. */
const DISK = `
main:
  steps:
    - init: {assign: [{order: []}]}
    - race:
        parallel:
          shared: [order]
          branches:
            - busy:
                steps:
                  - spin:
                      for:
                        value: v
                        range: [1, 2000]
                        steps:
                          - x: {assign: [{y: 1}]}
                          - note: {switch: [{condition: '\${v % 100 == 0}', assign: [{order: '\${list.concat(order, v)}'}]}]}
            - a: {steps: [{asks: {for: {value: v, range: [1, 5], steps: [{ask: {call: googleapis.test.v1.ask}}, {n: {assign: [{order: '\${list.concat(order, "a" + v)}'}]}}]}}}]}
            - b: {steps: [{asks2: {for: {value: v, range: [1, 5], steps: [{ask2: {call: googleapis.test.v1.ask}}, {n2: {assign: [{order: '\${list.concat(order, "b" + v)}'}]}}]}}}]}
    - give: {return: '\${order}'}
`

describe('answers that take no virtual time', () => {
  const run = async (seed: number, delay: (ask: number) => number) => {
    let asks = 0
    const ask: Connector = (_, context) =>
      context.inTurn(
        new Promise((resolve) => {
          asks += 1
          setTimeout(() => resolve(null), delay(asks))
        }),
      )
    const { outcome, entries } = await runSource(
      DISK,
      { seed },
      { connectors: { 'googleapis.test.v1.ask': ask } },
    )
    if (outcome.state !== 'SUCCEEDED') throw new Error(outcome.error.payload)
    return writeJson(outcome.result) + JSON.stringify(entries.map(({ step, threadId }) => [step, threadId]))
  }

  test('come in at the same place, however long the disk takes for each', async () => {
    for (const seed of [1, 2]) {
      const histories = await Promise.all([
        run(seed, () => 0),
        run(seed, (ask) => (ask % 2) * 7),
        run(seed, (ask) => ((ask + 1) % 2) * 7),
      ])
      expect(new Set(histories).size).toBe(1)
    }
  })

  test('do not wait for a branch that computes without end', async () => {
    const history = await run(1, () => 3)
    expect(history.indexOf('"a5"')).toBeLessThan(history.indexOf('2000'))
    expect(history.indexOf('"b5"')).toBeLessThan(history.indexOf('2000'))
  })

  test('that fail are errors of their own steps', async () => {
    const source = DISK.replaceAll(
      /call: googleapis.test.v1.ask/g,
      'try: {call: googleapis.test.v1.ask}, except: {steps: [{c: {assign: [{z: 1}]}}]}',
    )
    const ask: Connector = (_, context) => context.inTurn(Promise.reject(timeoutError('no')))
    const { outcome } = await runSource(source, {}, { connectors: { 'googleapis.test.v1.ask': ask } })
    expect(outcome.state).toBe('SUCCEEDED')
  })

  test('still come in when the execution has ended, for whoever holds something meanwhile', async () => {
    let released = false
    const ask: Connector = async (_, context) => {
      setTimeout(() => controller.abort(), 0)
      try {
        return await context.inTurn(new Promise((resolve) => setTimeout(() => resolve(null), 20)))
      } finally {
        released = true
      }
    }
    const controller = new AbortController()
    const source = 'main: {steps: [{s: {call: googleapis.test.v1.ask}}]}'
    const { outcome } = await runSource(
      source,
      { signal: controller.signal },
      { connectors: { 'googleapis.test.v1.ask': ask } },
    )
    expect(outcome.state).toBe('CANCELLED')
    await vi.waitFor(() => expect(released).toBe(true))
  })
})

function start(source: string, options: { readonly signal?: AbortSignal; readonly real?: boolean } = {}) {
  const { document } = parseWorkflow(source)
  const entries: StepEntry[] = []
  const host = testHost({ clock: options.real === true ? realClock() : virtualClock(START) })
  const execution = compileWorkflow(document!).execute({
    host,
    argument: null,
    history: { started: (entry) => void entries.push(entry), ended: () => undefined },
    ...(options.signal && { signal: options.signal }),
  })
  return { execution, entries }
}

async function cancelled(execution: Execution) {
  const outcome = await execution.outcome
  expect(outcome.state).toBe('CANCELLED')
}

describe('cancelling', () => {
  test('ends a sleep', async () => {
    const controller = new AbortController()
    const source = 'main: {steps: [{s: {call: sys.sleep, args: {seconds: 3600}}}]}'
    const { execution, entries } = start(source, { signal: controller.signal, real: true })
    setTimeout(() => controller.abort(), 10)
    await cancelled(execution)
    expect(entries.map(({ state }) => state)).toEqual(['STATE_CANCELLED'])
  })

  test('ends a loop that only computes, since that lets the event loop have its turn', async () => {
    const controller = new AbortController()
    const body = '{call: text.replace_all_regex, args: ["${s}", "a+b", "c"]}'
    const source = `
main:
  steps:
    - a: {assign: [{s: a}]}
    - grow: {for: {value: i, range: [1, 14], steps: [{d: {assign: [{s: '\${s + s}'}]}}]}}
    - x: ${body}
    - y: {next: x}
`
    const { execution } = start(source, { signal: controller.signal })
    const began = performance.now()
    setTimeout(() => controller.abort(), 30)
    await cancelled(execution)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(execution.billedSteps()).toBeLessThan(100_000)
  })

  test('ends all branches, the innermost entries first, and starts nothing more', async () => {
    const controller = new AbortController()
    const source = `
main:
  steps:
    - p:
        try:
          parallel:
            branches:
              - one: {steps: [{s: {call: sys.sleep, args: {seconds: 3600}}}, {n1: {assign: [{x: 1}]}}]}
              - two: {steps: [{t: {call: sys.sleep, args: {seconds: 3600}}}, {n2: {assign: [{x: 1}]}}]}
        except: {as: e, steps: [{never: {return: caught}}]}
`
    const { execution, entries } = start(source, { signal: controller.signal, real: true })
    const steps = () => execution.currentSteps().map(({ step }) => step)
    await vi.waitFor(() => expect(steps().toSorted()).toEqual(['s', 't']))
    controller.abort()
    await cancelled(execution)
    expect(new Set(entries.map(({ state }) => state))).toEqual(new Set(['STATE_CANCELLED']))
    expect(entries.map(({ step }) => step)).not.toContain('never')
    expect(execution.currentSteps()).toEqual([])
  })

  test('says where each innermost step stands', async () => {
    const controller = new AbortController()
    const source = `
main:
  steps:
    - asleep:
        call: sys.sleep
        args: {seconds: 3600}
`
    const { execution } = start(source, { signal: controller.signal, real: true })
    await vi.waitFor(() => expect(execution.currentSteps()).toHaveLength(1))
    controller.abort()
    expect(await execution.outcome).toMatchObject({
      state: 'CANCELLED',
      error: {
        context: expect.stringContaining('in step "asleep", routine "main", line: 4') as unknown,
        stackTrace: [{ step: 'asleep', routine: 'main', position: { line: 4, column: 7, length: 6 } }],
      },
    })
  })

  test('before the start runs nothing', async () => {
    const { execution, entries } = start('main: {steps: [{s: {return: 1}}]}', { signal: AbortSignal.abort() })
    await cancelled(execution)
    expect(entries).toEqual([])
  })
})

test('virtual time does not move while branches compute', async () => {
  const source = `
main:
  steps:
    - init: {assign: [{n: 0}, {at: null}]}
    - both:
        parallel:
          shared: [n, at]
          branches:
            - busy:
                steps:
                  - spin: {assign: [{n: '\${n + 1}'}]}
                  - again: {switch: [{condition: '\${n < 40000}', next: spin}]}
                  - note: {assign: [{at: '\${sys.now()}'}]}
            - asleep: {steps: [{s: {call: sys.sleep, args: {seconds: 1}}}]}
    - give: {return: '\${at}'}
`
  const { outcome } = await runSource(source)
  expect(outcome).toEqual({ state: 'SUCCEEDED', result: START / 1000 })
})

test('an execution on the live clock waits for no poll, whatever its own deadline is', async () => {
  const clock = liveClock(START)
  const source = `
main:
  steps:
    - job: {call: googleapis.test.wait}
    - give: {return: "\${sys.now()}"}
`
  const wait: Connector = async () => {
    await poll(clock, 3_600_000)
    return null
  }
  const { outcome } = await runSource(source, {}, { clock, connectors: { 'googleapis.test.wait': wait } })
  // Were the deadline real work under way, the hour would be one of the wall.
  expect(outcome).toMatchObject({ state: 'SUCCEEDED' })
  expect(clock.now()).toBeGreaterThanOrEqual(START + 3_600_000)
})
