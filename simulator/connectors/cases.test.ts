import { describe, expect, test, vi } from 'vitest'
import {
  CONNECTOR_EXPECTATIONS,
  expectConnectorRow,
  requestLine,
  responseOf,
  urlOf,
  type ConnectorOutcome,
} from '../../test/cases/connector-run.ts'
import { mutations, passes } from '../../test/cases/mutations.ts'
import { bodyLine, startStubServer } from '../../test/cases/stub-server.ts'
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
  return {
    outcome,
    requests: stage.requests.map(requestLine),
    bodies: stage.requests.map(({ headers, body }) => bodyLine(headers['content-type'], body)),
    seconds: stage.clock.now() / 1000,
    steps: stage.steps(),
    timeout: undefined,
    realTime: false,
  }
}

async function runHttp(row: ConnectorRow): Promise<ConnectorOutcome> {
  const { call, args, answers, readings = {} } = row
  const server = await startStubServer()
  const { requests, bodies } = server.serveHttp('case', answers)
  const timeouts = vi.spyOn(AbortSignal, 'timeout')
  try {
    const stage = connectorStage([])
    const http = createHttp({
      dispatch: () => Promise.reject(new Error('nothing goes to the local cloud')),
      origin: 'http://local',
      identity: createTokens(() => 'http://local'),
      readings,
    })
    const url = urlOf(row, `${server.url}/case`)
    const method = call === 'http.request' ? String(args['method']) : call.replace('http.', '')
    const outcome = await settled(
      http({ method, args: mapFrom(JSON.stringify({ ...args, url })) }, stage.context).then(writeJson),
    )
    const timeout = (timeouts.mock.calls[0]?.[0] ?? 0) / 1000
    return {
      outcome,
      requests,
      bodies,
      seconds: stage.clock.now() / 1000,
      steps: stage.steps(),
      timeout,
      realTime: false,
    }
  } finally {
    timeouts.mockRestore()
    await server.close()
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
