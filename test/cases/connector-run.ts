import { expect } from 'vitest'
import type { CloudRequest, CloudResponse, CloudService } from '../../simulator/cloud/request.ts'
import type { Json, RestCloud } from './rest-cloud.ts'
import { deploy, succeed } from './rest-run.ts'
import { bodyLine, nothingSeen, type Seen, type StubServer } from './stub-server.ts'
import type { ConnectorRow, HttpAnswer } from './tables.ts'

/** What a row of test/cases/connectors came to, whichever way it was run. */
export interface ConnectorOutcome {
  /** As plain JSON. */
  readonly outcome: { readonly result: unknown } | { readonly error: unknown }
  readonly requests: readonly string[]
  readonly bodies: readonly string[]
  readonly seconds: number
  readonly steps: number
  readonly timeout: number | undefined
  /** Real requests were made, which take time of their own. */
  readonly realTime: boolean
}

/** The keys of a row that state what comes out. */
export const CONNECTOR_EXPECTATIONS = ['result', 'error', 'requests', 'bodies', 'seconds', 'steps', 'timeout']

/** Throws where the outcome is not what the row says. */
export function expectConnectorRow(row: ConnectorRow, { outcome, ...run }: ConnectorOutcome): void {
  if (row.error === undefined) {
    if ('error' in outcome) throw new Error(`raised ${JSON.stringify(outcome.error)}`)
    if ('result' in row) expect(outcome.result).toEqual(row.result)
  } else {
    if ('result' in outcome) throw new Error(`gave ${JSON.stringify(outcome.result)}, expected an error`)
    for (const [key, value] of Object.entries(row.error)) expect(outcome.error).toHaveProperty(key, value)
  }
  for (const key of ['requests', 'bodies', 'steps', 'timeout'] as const) {
    if (row[key] !== undefined) expect(run[key]).toEqual(row[key])
  }
  if (row.seconds === undefined) return
  if (run.realTime) expect(run.seconds).toBeGreaterThanOrEqual(row.seconds)
  else expect(run.seconds).toBe(row.seconds)
}

/** An API that gives one row after the other the answers it asks for. */
export interface StubService extends CloudService {
  /** Begins a row; the requests that come are written into what it gives. */
  answer(answers: readonly HttpAnswer[]): Seen
}

export function stubService(): StubService {
  let answers: readonly HttpAnswer[] = []
  let seen = nothingSeen()
  return {
    name: 'stub',
    answer: (next) => {
      answers = next
      seen = nothingSeen()
      return seen
    },
    handle: async (request) => {
      // The test's own requests go to the emulator.
      if (request.headers['x-case'] === 'control') return null
      seen.requests.push(requestLine(request))
      seen.bodies.push(bodyLine(request.headers['content-type'], request.body))
      const answer = answers[Math.min(seen.requests.length, answers.length) - 1]
      return answer === undefined ? null : responseOf(answer)
    },
    close: () => Promise.resolve(),
  }
}

/** Calls the row's connector or function from a workflow in the emulator. */
export async function runConnectorOverRest(
  row: ConnectorRow,
  id: string,
  cloud: RestCloud,
  stubs: { readonly service: StubService; readonly server: StubServer },
): Promise<ConnectorOutcome> {
  const http = row.call.startsWith('http.')
  const parent = 'projects/own-project/locations/us-central1/workflows'
  const args = http ? { ...row.args, url: urlOf(row, `${stubs.server.url}/${id}`) } : row.args
  const steps = [{ ask: { call: row.call, args, result: 'answer' } }, { give: { return: '${answer}' } }]
  const refused = await deploy(cloud, parent, id, { sourceContents: JSON.stringify({ main: { steps } }) })
  if (refused !== null) throw new Error(refused)
  const { requests, bodies } = http
    ? stubs.server.serveHttp(id, row.answers)
    : stubs.service.answer(row.answers)
  const started = await succeed(cloud, `POST /v1/${parent}/${id}/executions`, {})
  const name = String(started['name'])
  const { state, result, error, duration } = await cloud.end(name)
  return {
    outcome:
      state === 'SUCCEEDED'
        ? { result: JSON.parse(String(result)) as unknown }
        : { error: JSON.parse(String((error as Json)['payload'])) as unknown },
    requests,
    bodies,
    seconds: Number(String(duration).slice(0, -1)),
    // The call itself, and the return where it came to that.
    steps: cloud.billedSteps(name) - (state === 'SUCCEEDED' ? 2 : 1),
    timeout: undefined,
    realTime: http,
  }
}

/** A path of the row below the stub's address; a whole URL stays. */
export function urlOf({ args }: ConnectorRow, base: string): string {
  const url = String(args['url'])
  return url.startsWith('/') ? `${base}${url}` : url
}

export function requestLine({ method, path, query }: CloudRequest): string {
  return [`${method} ${path}`, ...(query.size === 0 ? [] : [query.toString()])].join('?')
}

export function responseOf({ status = 200, headers, type, text, json }: HttpAnswer): CloudResponse {
  if (json !== undefined) return { status, ...(headers && { headers }), body: { json } }
  const bytes = new TextEncoder().encode(text ?? '')
  return {
    status,
    headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
    body: { bytes },
  }
}
