import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { mutations, passes } from '../../test/cases/mutations.ts'
import type { CloudResponse } from '../cloud/request.ts'
import { RaisedError } from '../engine/errors.ts'
import { writeJson } from '../engine/json.ts'
import type { Readings } from '../engine/readings.ts'
import { createTokens } from '../cloud/identity/tokens.ts'
import { createHttp } from './index.ts'
import { connectorStage, mapFrom } from './testing/stage.ts'

const FOLDER = new URL('../../test/cases/connectors/', import.meta.url)
const EXPECTATIONS = ['result', 'error', 'requests', 'seconds', 'steps', 'timeout']

/** One row of a case table; see test/cases/connectors/README.md. */
interface Case {
  readonly name: string
  readonly call: string
  readonly args: Readonly<Record<string, unknown>>
  readonly answers: readonly Answer[]
  readonly readings?: Partial<Readings>
  readonly result?: unknown
  readonly error?: Readonly<Record<string, unknown>>
  readonly requests?: readonly string[]
  readonly seconds?: number
  readonly steps?: number
  readonly timeout?: number
}

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly type?: string
  readonly text?: string
  /** A body of so many bytes. */
  readonly repeat?: number
  readonly json?: unknown
}

interface Run {
  /** As plain JSON. */
  readonly outcome: { readonly result: unknown } | { readonly error: unknown }
  readonly requests: readonly string[]
  readonly seconds: number
  readonly steps: number
  readonly timeout: number | undefined
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))) {
  const cases = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly Case[]
  describe(`cases of ${file}`, () => {
    test.each(cases)('$name', async (row) => {
      const run = await (row.call.startsWith('http.') ? runHttp(row) : runConnector(row))
      check(row, run)
      const changed = mutations(row, EXPECTATIONS)
      expect(changed).not.toEqual([])
      expect(changed.filter((other) => passes(() => check(other, run)))).toEqual([])
    })
  })
}

function check(row: Case, { outcome, ...run }: Run): void {
  if (row.error === undefined) {
    if ('error' in outcome) throw new Error(`raised ${JSON.stringify(outcome.error)}`)
    if ('result' in row) expect(outcome.result).toEqual(row.result)
  } else {
    if ('result' in outcome) throw new Error(`gave ${JSON.stringify(outcome.result)}, expected an error`)
    for (const [key, value] of Object.entries(row.error)) expect(outcome.error).toHaveProperty(key, value)
  }
  for (const key of ['requests', 'seconds', 'steps', 'timeout'] as const) {
    if (row[key] !== undefined) expect(run[key]).toEqual(row[key])
  }
}

async function runConnector({ call, args, answers, readings = {} }: Case): Promise<Run> {
  const stage = connectorStage(answers.map(responseOf), { readings })
  const outcome = await settled(stage.call(call, JSON.stringify(args)))
  const requests = stage.requests.map(({ method, path, query }) =>
    [`${method} ${path}`, ...(query.size === 0 ? [] : [query.toString()])].join('?'),
  )
  return { outcome, requests, seconds: stage.clock.now() / 1000, steps: stage.steps(), timeout: undefined }
}

async function runHttp({ call, args, answers, readings = {} }: Case): Promise<Run> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const {
      status = 200,
      headers,
      type,
      text,
      repeat,
    } = answers[Math.min(requests.length, answers.length - 1)]!
    requests.push(`${request.method} ${request.url}`)
    response.writeHead(status, { ...headers, ...(type && { 'content-type': type }) })
    if (headers?.['content-length'] === undefined)
      response.end(repeat === undefined ? text : Buffer.alloc(repeat))
    else response.write(text, () => setTimeout(() => response.destroy(), 20))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const timeouts = vi.spyOn(AbortSignal, 'timeout')
  try {
    const stage = connectorStage([])
    const http = createHttp({
      dispatch: () => Promise.reject(new Error('nothing goes to the local cloud')),
      origin: 'http://local',
      identity: createTokens(() => 'http://local'),
      readings,
    })
    const url = new URL(String(args['url']), origin).href
    const method = call.replace('http.', '')
    const outcome = await settled(
      http({ method, args: mapFrom(JSON.stringify({ ...args, url })) }, stage.context).then(writeJson),
    )
    const timeout = (timeouts.mock.calls[0]?.[0] ?? 0) / 1000
    return { outcome, requests, seconds: stage.clock.now() / 1000, steps: stage.steps(), timeout }
  } finally {
    timeouts.mockRestore()
    server.closeAllConnections()
    server.close()
  }
}

async function settled(call: Promise<string>): Promise<Run['outcome']> {
  try {
    return { result: JSON.parse(await call) as unknown }
  } catch (error) {
    if (error instanceof RaisedError) return { error: JSON.parse(writeJson(error.value)) as unknown }
    throw error
  }
}

function responseOf({ status = 200, headers, type, text, json }: Answer): CloudResponse {
  if (json !== undefined) return { status, ...(headers && { headers }), body: { json } }
  const bytes = new TextEncoder().encode(text ?? '')
  return { status, headers: { ...headers, ...(type && { 'content-type': type }) }, body: { bytes } }
}
