import { expect, it } from 'vitest'
import { virtualClock } from '../clock.ts'
import { RaisedError } from '../engine/errors.ts'
import type { CallContext } from '../engine/host.ts'
import { parseJson, writeJson } from '../engine/json.ts'
import { isMap } from '../engine/value.ts'
import { createTokens } from '../cloud/identity/tokens.ts'
import { createHttp, type StandInAnswer } from './http.ts'

const answer = (status: number, body: string): StandInAnswer['response'] => ({
  status,
  headers: { 'content-type': 'application/json' },
  bytes: new TextEncoder().encode(body),
})

/** One call that a stand-in answers, or does not: its result or what it raised, and the virtual seconds it took. */
async function call(given: StandInAnswer | null, timeout = 300) {
  const clock = virtualClock(0)
  const context: CallContext = {
    clock,
    signal: new AbortController().signal,
    environment: () => null,
    currentStep: () => ({ routine: 'task_pay', step: 'send' }),
    countStep: () => undefined,
    inTurn: (work) => work,
  }
  const asked: string[] = []
  const http = createHttp({
    origin: 'http://127.0.0.1:1',
    identity: createTokens(() => 'http://127.0.0.1:1'),
    dispatch: () => Promise.reject(new Error('nothing goes to the local cloud')),
    standIn: ({ method, url }, { routine, step }) => {
      asked.push(`${routine}/${step} ${method} ${url.href}`)
      return Promise.resolve(given)
    },
  })
  const args = parseJson(JSON.stringify({ url: 'http://127.0.0.1:9/pay', timeout, body: {} }))
  if (!isMap(args)) throw new Error('not a map')
  const result = await http({ method: 'POST', args }, context).catch((error: unknown) => error)
  const value = result instanceof RaisedError ? result.value : result
  if (!isMap(value as ReturnType<typeof parseJson>)) throw value
  return {
    asked,
    value: JSON.parse(writeJson(value as ReturnType<typeof parseJson>)) as Readonly<Record<string, unknown>>,
    seconds: clock.now() / 1000,
  }
}

it('answers in its own time, and is told which step asks', async () => {
  const { asked, value, seconds } = await call({ afterMs: 90_000, response: answer(200, '{"paid":true}') })
  expect(asked).toEqual(['task_pay/send POST http://127.0.0.1:9/pay'])
  expect(value).toMatchObject({ code: 200, body: { paid: true } })
  expect(seconds).toBe(90)
})

it('raises what the service would', async () => {
  expect((await call({ afterMs: 0, response: answer(503, '{}') })).value).toMatchObject({
    code: 503,
    tags: ['HttpError'],
  })
  expect((await call({ afterMs: 0, response: null })).value).toMatchObject({ tags: ['ConnectionError'] })
  const late = await call({ afterMs: 90_000, response: answer(200, '{}') }, 60)
  expect(late.value).toMatchObject({ tags: ['TimeoutError', 'OSError'] })
  expect(late.seconds).toBe(60)
})

it('leaves a request to the network', async () => {
  expect((await call(null)).value).toMatchObject({ tags: ['ConnectionFailedError'] })
})
