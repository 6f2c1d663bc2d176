import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineContract } from './contract.ts'
import { StepError } from './error.ts'
import { createMemoryStorage } from './memory-storage.ts'
import { encodeOutcome } from './outcome.ts'
import { defineStep } from './step.ts'
import type { StepHandler } from './step.ts'
import { tryEnvironment, tryStep } from './testing/try-step.ts'

const contract = defineContract({
  name: 'example/greet',
  image: 'steps',
  input: z.object({ who: z.string(), list: z.array(z.number()).default([]) }),
  output: z.object({ text: z.string(), list: z.array(z.unknown()).optional() }),
  env: ['GREETING'],
  secrets: { API_KEY: 'greet-key' },
})

const step = (handler: StepHandler<typeof contract>) => defineStep(contract, handler)
const greet = step(async ({ who }) => ({ text: `hello ${who}` }))

const outputName = 'runs/anilist/manual__2026-03-09t09-00-00z/example/0/exec1-1/output.json'

describe('an output', () => {
  it('stands in the object and in its metadata; exit 0', async () => {
    const { exitCode, object, outcome } = await tryStep(greet, { who: 'you' })
    expect(exitCode).toBe(0)
    expect(object?.name).toBe(outputName)
    expect(outcome).toEqual({ kind: 'output', output: { text: 'hello you' } })
    expect(object?.metadata).toEqual({
      outcome: 'output',
      result: '{"state":"success","tries":1,"output":{"text":"hello you"}}',
    })
  })

  it('is ASCII in metadata, whatever it holds, and the same for a reader of JSON', async () => {
    const who = 'João 😀\n\u007f"\\'
    const { object, outcome } = await tryStep(greet, { who })
    const { result } = object?.metadata ?? {}
    expect(result).toMatch(/^[\x20-\x7e]+$/)
    expect(JSON.parse(result ?? '')).toMatchObject({ output: { text: `hello ${who}` } })
    expect(outcome).toEqual({ kind: 'output', output: { text: `hello ${who}` } })
  })

  it('too large for metadata leaves a pointer there, which the next step resolves', async () => {
    const list = Array.from({ length: 5000 }, (_, index) => ({ index, name: 'á' }))
    const large = step(async () => ({ text: 'short', list }))
    const { object, storage } = await tryStep(large, { who: 'you' })
    const { output: inMetadata } = JSON.parse(object?.metadata.result ?? '') as {
      output: { text: string; list: object }
    }
    expect(inMetadata.text).toBe('short')
    expect(inMetadata.list).toEqual({
      $output: expect.stringMatching(/^gs:\/\/data\/runs\/.*\/exec1-1\/output-[0-9a-f]{16}\.json$/),
      $generation: expect.stringMatching(/^\d+$/),
      $path: ['list'],
      $length: 5000,
    })

    let seen: unknown
    const next = defineStep(
      defineContract({
        name: 'example/next',
        image: 'steps',
        input: z.object({ all: z.unknown(), one: z.unknown(), none: z.unknown() }),
        output: z.object({}),
      }),
      async (input) => {
        seen = input
        return {}
      },
    )
    const input = {
      all: inMetadata.list,
      one: { $value: inMetadata.list, $path: [17, 'index'] },
      none: { $value: inMetadata.list, $path: [5000, 'index'] },
    }
    const result = await tryStep(next, input, { storage, run: { task: 'next' } })
    expect(result.outcome?.kind).toBe('output')
    expect(seen).toEqual({ all: list, one: 17, none: null })
  })

  it('of another shape than promised is an error', async () => {
    const wrong = step(async () => ({ text: 1 }) as unknown as { text: string })
    const { outcome, exitCode } = await tryStep(wrong, { who: 'you' })
    expect(outcome).toMatchObject({ kind: 'error', code: 'invalid_output', retryable: false })
    expect(exitCode).toBe(1)
  })

  it('that cannot fit even as pointers is an error that says so', async () => {
    const fields = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`field_${index}`, 'x'.repeat(50)]),
    )
    const wide = defineStep(
      defineContract({
        name: 'example/wide',
        image: 'steps',
        input: z.object({}),
        output: z.looseObject({}),
      }),
      async () => fields,
    )
    const { outcome, exitCode } = await tryStep(wide, {})
    expect(outcome).toMatchObject({ kind: 'error', code: 'output_too_large', retryable: false })
    expect(exitCode).toBe(1)
  })
})

describe('a skip', () => {
  it('stands with its reason; exit 0', async () => {
    const skipping = step(async (_, context) => context.skip('nothing to do'))
    const { exitCode, object, outcome } = await tryStep(skipping, { who: 'you' })
    expect(exitCode).toBe(0)
    expect(outcome).toEqual({ kind: 'skip', reason: 'nothing to do' })
    expect(object?.metadata).toEqual({
      outcome: 'skip',
      result: '{"state":"skipped","tries":1,"reason":"nothing to do"}',
    })
  })
})

describe('an error', () => {
  it('that the step understands keeps its code', async () => {
    const failing = step(async () => {
      throw new StepError({ code: 'no_such_user', message: 'usuário não existe', retryable: false })
    })
    const { exitCode, object, outcome } = await tryStep(failing, { who: 'you' })
    expect(exitCode).toBe(1)
    expect(outcome).toEqual({
      kind: 'error',
      code: 'no_such_user',
      message: 'usuário não existe',
      retryable: false,
    })
    expect(object?.metadata).toEqual({
      outcome: 'error',
      code: 'no_such_user',
      message: String.raw`usu\u00e1rio n\u00e3o existe`,
      retryable: 'false',
    })
  })

  it('that it does not is unexpected and retried; its stack is in the log only', async () => {
    const broken = step(async () => {
      throw new RangeError('beyond\nthe end')
    })
    const { object, outcome, logs } = await tryStep(broken, { who: 'you' })
    expect(outcome).toMatchObject({
      code: 'unexpected',
      retryable: true,
      message: 'RangeError: beyond\nthe end',
    })
    expect(JSON.stringify(object?.metadata)).not.toContain('run-step.test')
    expect(logs.find(({ severity }) => severity === 'ERROR')).toMatchObject({
      code: 'unexpected',
      stack: expect.stringContaining('run-step.test'),
    })
  })

  it('has its message cut to 1,000 characters in metadata and whole in the object', async () => {
    const message = `${'é'.repeat(300)}end`
    const failing = step(async () => {
      throw new StepError({ code: 'long', message, retryable: true })
    })
    const { object, outcome } = await tryStep(failing, { who: 'you' })
    expect(outcome).toMatchObject({ message })
    expect(object?.metadata.message).toBe(String.raw`\u00e9`.repeat(166))
  })
})

describe('the input', () => {
  it.each([
    ['misses a field', {}, /who/],
    ['has a field of another type', { who: 7 }, /who/],
  ])('that %s is refused without a retry', async (_, input, message) => {
    const { exitCode, outcome } = await tryStep(greet, input)
    expect(outcome).toMatchObject({ code: 'invalid_input', retryable: false })
    expect(outcome).toMatchObject({ message: expect.stringMatching(message) })
    expect(exitCode).toBe(1)
  })

  it('that is not JSON is refused', async () => {
    const { outcome } = await tryStep(greet, {}, { env: { DAG_INPUT: '{' } })
    expect(outcome).toMatchObject({ code: 'invalid_input', retryable: false })
  })

  it('may stand in an object', async () => {
    const storage = createMemoryStorage()
    await storage('data').put('input.json', '{"who":"object"}', {
      contentType: 'application/json',
      ifGeneration: '0',
    })
    const env = { DAG_INPUT_URI: 'gs://data/input.json', DAG_INPUT: undefined }
    const { outcome } = await tryStep(greet, {}, { storage, env })
    expect(outcome).toMatchObject({ output: { text: 'hello object' } })
  })

  it('gets its defaults before the handler sees it', async () => {
    const counting = step(async ({ list }) => ({ text: String(list.length) }))
    expect((await tryStep(counting, { who: 'you' })).outcome).toMatchObject({ output: { text: '0' } })
  })
})

describe('a second start of the same try', () => {
  it.each([
    [{ kind: 'output', output: { text: 'first' } } as const, 0],
    [{ kind: 'skip', reason: 'first' } as const, 0],
    [{ kind: 'error', code: 'first', message: 'first', retryable: true } as const, 1],
  ])('exits as %o says', async (first, exitCode) => {
    const storage = createMemoryStorage()
    await storage('data').put(outputName, encodeOutcome(first), {
      contentType: 'application/json',
      ifGeneration: '0',
    })
    const result = await tryStep(greet, { who: 'second' }, { storage })
    expect(result.outcome).toEqual(first)
    expect(result.exitCode).toBe(exitCode)
  })
})

describe('being told to stop', () => {
  it('aborts the signal; what the handler throws then is an interruption', async () => {
    const stop = new AbortController()
    const waiting = step(async (_, context) => {
      setTimeout(() => stop.abort(new Error('SIGTERM')), 5)
      await context.sleep(60_000)
      return { text: 'never' }
    })
    const { outcome, exitCode } = await tryStep(waiting, { who: 'you' }, { signal: stop.signal })
    expect(outcome).toMatchObject({ kind: 'error', code: 'interrupted', retryable: true })
    expect(exitCode).toBe(1)
  })

  it('does not wait for a handler that does not listen', async () => {
    const stop = new AbortController()
    const deaf = step(() => {
      stop.abort(new Error('SIGTERM'))
      return new Promise(() => {})
    })
    const { outcome } = await tryStep(deaf, { who: 'you' }, { signal: stop.signal, graceMs: 10 })
    expect(outcome).toMatchObject({ kind: 'error', code: 'interrupted' })
  })

  it('keeps an output that was ready in time', async () => {
    const stop = new AbortController()
    const quick = step(async () => {
      stop.abort(new Error('SIGTERM'))
      return { text: 'done' }
    })
    const { outcome, exitCode } = await tryStep(quick, { who: 'you' }, { signal: stop.signal, graceMs: 1000 })
    expect(outcome).toMatchObject({ output: { text: 'done' } })
    expect(exitCode).toBe(0)
  })
})

describe('the context', () => {
  it('knows its run, and gives each try names of its own', async () => {
    const seen: unknown[] = []
    const looking = step(async (_, context) => {
      const { run, loadId } = context
      seen.push(
        run.runId,
        run.date,
        run.mapIndex,
        loadId,
        context.workObject('rows.ndjson'),
        context.jobId('load'),
      )
      return { text: '' }
    })
    await tryStep(looking, { who: 'you' }, { run: { map_index: '3', try: 2 } })
    expect(seen).toEqual([
      'manual__2026-03-09t09-00-00z',
      '2026-03-09',
      3,
      'manual__2026-03-09t09-00-00z/exec1',
      'runs/anilist/manual__2026-03-09t09-00-00z/example/3/exec1-2/rows.ndjson',
      'anilist__example__manual__2026-03-09t09-00-00z__3__exec1-2__load',
    ])
  })

  it('shows only the variables that the contract names', async () => {
    let seen: unknown
    const looking = step(async (_, { env }) => {
      seen = env
      return { text: '' }
    })
    const env = { GREETING: 'hi', API_KEY: 'sesame', HOME: '/root' }
    await tryStep(looking, { who: 'you' }, { env })
    expect(seen).toEqual({ GREETING: 'hi', API_KEY: 'sesame' })
  })
})

describe('the log', () => {
  it('is one JSON object a line that names its run and task', async () => {
    const logging = step(async (_, { log }) => {
      log.warning('look\nhere', { rows: 3, task: 'not this' })
      return { text: '' }
    })
    const { logs } = await tryStep(logging, { who: 'you' }, { run: { trace_id: 'abc' } })
    expect(logs[0]).toEqual({
      severity: 'WARNING',
      message: 'look\nhere',
      rows: 3,
      step: 'example/greet',
      dag: 'anilist',
      run_id: 'manual__2026-03-09t09-00-00z',
      task: 'example',
      map_index: 0,
      execution: 'exec1',
      try: 1,
      'logging.googleapis.com/trace': 'projects/test-project/traces/abc',
    })
  })

  it('and the outcome never hold a secret', async () => {
    const leaking = step(async (_, { env, log }) => {
      log.info(`key ${env.API_KEY}`, { nested: { key: env.API_KEY } })
      throw new Error(`401 for ?key=${env.API_KEY}`)
    })
    const { logs, outcome, object } = await tryStep(
      leaking,
      { who: 'you' },
      { env: { API_KEY: 'open"sesame' } },
    )
    expect(JSON.stringify([logs, outcome, object])).not.toContain('sesame')
    expect(outcome).toMatchObject({ message: 'Error: 401 for ?key=[redacted]' })
  })
})

describe('the environment', () => {
  it.each([
    ['DAG_OUTPUT_URI', 'not an address'],
    ['GOOGLE_CLOUD_PROJECT', undefined],
  ])('without a usable %s ends in exit 1 and a log line', async (name, value) => {
    const env = { ...tryEnvironment({ who: 'you' }), [name]: value }
    const { runStep } = await import('./run-step.ts')
    const lines: string[] = []
    const exitCode = await runStep(greet, env, {
      storage: createMemoryStorage(),
      write: (line) => void lines.push(line),
    })
    expect(exitCode).toBe(1)
    expect(lines.join('')).toContain(name)
  })

  it('with a DAG_RUN that is no run is an error that says where', async () => {
    const { outcome } = await tryStep(greet, { who: 'you' }, { run: { date: 'today' } })
    expect(outcome).toMatchObject({ code: 'invalid_environment', retryable: false })
    expect(outcome).toMatchObject({ message: expect.stringContaining('date') })
  })
})
