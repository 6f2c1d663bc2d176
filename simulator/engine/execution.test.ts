import { describe, expect, test } from 'vitest'
import { parseWorkflow } from '../../language/index.ts'
import { compileWorkflow, httpError, mapOf, parseReading, READINGS, timeoutError } from './index.ts'
import { runSource, START, testHost } from './testing/host.ts'
import type { CallContext, Connector, RuntimeMap } from './index.ts'

const CALL = `
main:
  steps:
    - call_it:
        try: {call: googleapis.test.v1.run, args: {n: 1}, result: r}
        except: {as: e, steps: [{give: {return: '\${e}'}}]}
    - give_it: {return: '\${r}'}
`

function withConnector(connector: Connector) {
  return runSource(CALL, {}, { connectors: { 'googleapis.test.v1.run': connector } })
}

test('a fault is raised in place of the step, and can be caught there', async () => {
  const source = `
main:
  steps:
    - safe:
        try: {steps: [{first: {assign: [{n: 1}]}}, {second: {assign: [{n: 2}]}}]}
        except: {as: e, steps: [{caught: {return: ['\${n}', '\${e.code}']}}]}
`
  const faultAt = (step: string) =>
    runSource(source, {
      fault: (entry) => (entry.step === step ? httpError(503, mapOf({}), null) : null),
    })
  const { outcome, entries } = await faultAt('second')
  expect(outcome).toEqual({ state: 'SUCCEEDED', result: [1n, 503n] })
  expect(entries.find(({ step }) => step === 'second')?.state).toBe('STATE_FAILED')
  expect((await faultAt('safe')).outcome).toMatchObject({ state: 'FAILED' })
  expect((await faultAt('nowhere')).outcome).toEqual({ state: 'SUCCEEDED', result: null })
})

describe('connectors', () => {
  test('get their arguments and a context, and may sleep and count polls', async () => {
    const seen: unknown[] = []
    const run = await withConnector(async (args, context: CallContext) => {
      seen.push(args.get('n'), context.environment('NOTHING'))
      for (let poll = 0; poll < 3; poll += 1) {
        await context.clock.sleep(60_000, context.signal)
        context.countStep()
      }
      return 'done'
    })
    expect(seen).toEqual([1n, null])
    expect(run.outcome).toEqual({ state: 'SUCCEEDED', result: 'done' })
    expect(run.steps).toBe(6)
    expect(run.clock.now() - START).toBe(180_000)
  })

  test('raise errors that can be caught', async () => {
    const { outcome } = await withConnector(async () => {
      throw httpError(404, mapOf({ 'Content-Type': 'application/json' }), mapOf({ error: 'x' }))
    })
    if (outcome.state !== 'SUCCEEDED') throw new Error(outcome.error.payload)
    const caught = outcome.result as RuntimeMap
    expect([caught.get('code'), caught.get('tags')]).toEqual([404n, ['HttpError']])
  })

  test('that break with an exception of JavaScript raise a SystemError', async () => {
    for (const connector of [
      () => Promise.reject(new Error('out of order')),
      () => {
        throw new Error('out of order')
      },
    ]) {
      const { outcome } = await withConnector(connector)
      expect(outcome).toMatchObject({
        state: 'SUCCEEDED',
        result: mapOf({ message: 'out of order', tags: ['SystemError'] }),
      })
    }
  })

  test('cannot poll beyond the limit of steps', async () => {
    const { outcome, steps } = await withConnector(async (_, context) => {
      for (;;) context.countStep()
    })
    expect(outcome).toMatchObject({
      state: 'FAILED',
      error: { payload: expect.stringContaining('ResourceLimitError') },
    })
    expect(steps).toBe(100_000)
  })

  test('are told when the execution ends without them', async () => {
    let reason: unknown = null
    const source = `
main:
  steps:
    - p:
        parallel:
          branches:
            - one: {steps: [{c: {call: googleapis.test.v1.run}}]}
            - two: {steps: [{t: {next: t}}]}
`
    const connector: Connector = (_, { signal }) =>
      new Promise(() => signal.addEventListener('abort', () => void (reason = signal.reason)))
    const { outcome, entries } = await runSource(
      source,
      {},
      { connectors: { 'googleapis.test.v1.run': connector } },
    )
    expect(outcome.state).toBe('FAILED')
    expect(reason).toBeInstanceOf(Error)
    const stateOf = (step: string) => entries.find((entry) => entry.step === step)!.state
    expect([stateOf('p'), stateOf('two'), stateOf('one'), stateOf('c')]).toEqual([
      'STATE_FAILED',
      'STATE_FAILED',
      'STATE_CANCELLED',
      'STATE_CANCELLED',
    ])
  })
})

describe('callbacks', () => {
  const source = `
main:
  steps:
    - open: {call: events.create_callback_endpoint, args: {http_callback_method: POST}, result: callback}
    - wait:
        try: {call: events.await_callback, args: {callback: '\${callback}', timeout: 60}, result: got}
        except: {as: e, steps: [{give: {return: '\${e.tags[0]}'}}]}
    - done: {return: '\${got.http_request.body}'}
`
  const run = (answer: 'answered' | 'never') => {
    const { document: tree } = parseWorkflow(source)
    const host = {
      ...testHost({}),
      callbacks: {
        create: (method: string) => mapOf({ url: `https://callback.example/${method}` }),
        receive: async (callback: RuntimeMap, signal: AbortSignal) => {
          expect(callback.get('url')).toBe('https://callback.example/POST')
          if (answer === 'never')
            return new Promise<RuntimeMap>((_, reject) =>
              signal.addEventListener('abort', () => reject(signal.reason)),
            )
          await host.clock.sleep(5_000, signal)
          return mapOf({ http_request: mapOf({ body: 'hello' }), type: 'HTTP' })
        },
      },
    }
    const history = { started: () => undefined, ended: () => undefined }
    return { host, outcome: compileWorkflow(tree!).execute({ host, argument: null, history }).outcome }
  }

  test('give what was sent', async () => {
    const { host, outcome } = run('answered')
    expect(await outcome).toEqual({ state: 'SUCCEEDED', result: 'hello' })
    expect(host.clock.now() - START).toBe(5_000)
  })

  test('time out', async () => {
    const { host, outcome } = run('never')
    expect(await outcome).toEqual({ state: 'SUCCEEDED', result: 'TimeoutError' })
    expect(host.clock.now() - START).toBe(60_000)
    expect(timeoutError('x').value).toEqual(mapOf({ message: 'x', tags: ['TimeoutError', 'OSError'] }))
  })
})

test('a compiled workflow runs as often as needed, also at the same time', async () => {
  const { document: tree } = parseWorkflow(`
main:
  params: [n]
  steps:
    - s: {call: sys.sleep, args: {seconds: '\${n}'}}
    - r: {return: '\${n * 2}'}
`)
  const workflow = compileWorkflow(tree!)
  const history = { started: () => undefined, ended: () => undefined }
  const host = testHost({})
  const outcomes = await Promise.all(
    [3n, 1n, 2n].map((argument) => workflow.execute({ host, argument, history }).outcome),
  )
  expect(outcomes).toEqual([6n, 2n, 4n].map((result) => ({ state: 'SUCCEEDED', result })))
})

test('a history sink that fails ends the execution', async () => {
  const { document: tree } = parseWorkflow('main: {steps: [{a: {assign: [{x: 1}]}}]}')
  const history = {
    started: () => {
      throw new Error('disk full')
    },
    ended: () => undefined,
  }
  const outcome = await compileWorkflow(tree!).execute({ host: testHost({}), argument: null, history })
    .outcome
  expect(outcome).toMatchObject({ state: 'FAILED', error: { payload: expect.stringContaining('disk full') } })
})

test('uuids differ between executions of the same seed', async () => {
  const source = 'main: {steps: [{r: {return: "${uuid.generate()}"}}]}'
  const ids = new Set<unknown>()
  for (const id of ['a', 'b']) {
    const { outcome } = await runSource(
      source,
      {},
      { environment: { GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID: id } },
    )
    ids.add('result' in outcome ? outcome.result : null)
  }
  expect(ids.size).toBe(2)
})

test('values nested too deeply end the execution and not the process', async () => {
  const source = `
main:
  steps:
    - a: {assign: [{x: [], n: 0}]}
    - b: {assign: [{x: ['\${x}']}, {n: '\${n + 1}'}]}
    - c: {switch: [{condition: '\${n < 30000}', next: b}]}
    - d: {return: '\${x == [x] or x == x}'}
`.replace('{x: [], n: 0}', '{x: []}, {n: 0}')
  const { outcome } = await runSource(source)
  expect(['SUCCEEDED', 'FAILED']).toContain(outcome.state)
  const { outcome: returned } = await runSource(source.replace('${x == [x] or x == x}', '${x}'))
  expect(returned).toMatchObject({
    state: 'FAILED',
    error: { payload: expect.stringContaining('ResourceLimitError') },
  })
})

test('readings are chosen by name', () => {
  expect(parseReading('nestedSlots=held')).toEqual({ nestedSlots: 'held' })
  expect(() => parseReading('nestedSlots=some')).toThrow('released, held, per-step')
  expect(() => parseReading('constructor=x')).toThrow("unknown reading 'constructor'")
  for (const { question, readings } of Object.values(READINGS)) {
    expect(question).not.toBe('')
    expect(readings.length).toBeGreaterThan(1)
  }
})
