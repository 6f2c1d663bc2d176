import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import {
  CONNECTOR_EXPECTATIONS,
  expectConnectorRow,
  requestLine,
  responseOf,
  type ConnectorOutcome,
} from '../../test/cases/connector-run.ts'
import { mutations, passes } from '../../test/cases/mutations.ts'
import { connectorTables, type ConnectorRow } from '../../test/cases/tables.ts'
import { createTokens } from '../cloud/identity/tokens.ts'
import { RaisedError } from '../engine/errors.ts'
import { writeJson } from '../engine/json.ts'
import { createHttp } from './index.ts'
import { connectorStage, mapFrom } from './testing/stage.ts'

for (const { name, rows } of connectorTables()) {
  describe(`cases of ${name}`, () => {
    test.each(rows)('$name', async (row) => {
      const outcome = await (row.call.startsWith('http.') ? runHttp(row) : runConnector(row))
      expectConnectorRow(row, outcome)
      const changed = mutations(row, CONNECTOR_EXPECTATIONS)
      expect(changed).not.toEqual([])
      expect(changed.filter((other) => passes(() => expectConnectorRow(other, outcome)))).toEqual([])
    })
  })
}

async function runConnector({ call, args, answers, readings = {} }: ConnectorRow): Promise<ConnectorOutcome> {
  const stage = connectorStage(answers.map(responseOf), { readings })
  const outcome = await settled(stage.call(call, JSON.stringify(args)))
  const requests = stage.requests.map(requestLine)
  return {
    outcome,
    requests,
    seconds: stage.clock.now() / 1000,
    steps: stage.steps(),
    timeout: undefined,
    realTime: false,
  }
}

async function runHttp({ call, args, answers, readings = {} }: ConnectorRow): Promise<ConnectorOutcome> {
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
    const method = call === 'http.request' ? String(args['method']) : call.replace('http.', '')
    const outcome = await settled(
      http({ method, args: mapFrom(JSON.stringify({ ...args, url })) }, stage.context).then(writeJson),
    )
    const timeout = (timeouts.mock.calls[0]?.[0] ?? 0) / 1000
    return {
      outcome,
      requests,
      seconds: stage.clock.now() / 1000,
      steps: stage.steps(),
      timeout,
      realTime: false,
    }
  } finally {
    timeouts.mockRestore()
    server.closeAllConnections()
    server.close()
  }
}

async function settled(call: Promise<string>): Promise<ConnectorOutcome['outcome']> {
  try {
    return { result: JSON.parse(await call) as unknown }
  } catch (error) {
    if (error instanceof RaisedError) return { error: JSON.parse(writeJson(error.value)) as unknown }
    throw error
  }
}
