import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { mutations, passes } from '../../test/cases/mutations.ts'
import { virtualClock } from '../clock.ts'
import { parseJson } from '../engine/json.ts'
import { executionEnd, startTestCloud, type TestCloud } from '../testing/cloud.ts'

const FOLDER = new URL('../../test/cases/connectors/samples/', import.meta.url)

/** A workflow that the local cloud runs with all its services; see test/cases/connectors/README.md. */
interface Case {
  readonly name: string
  readonly source: string
  /** Body of a step before the first, where the source is a list of steps. */
  readonly before?: string
  readonly result?: unknown
  readonly error?: Readonly<Record<string, unknown>>
}

type Outcome = { readonly result: unknown } | { readonly error: Readonly<Record<string, unknown>> }

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ clock: virtualClock(Date.parse('2026-03-09T09:00:00Z')) })
})
afterAll(() => cloud.close())

for (const file of readdirSync(FOLDER)) {
  const cases = parse(readFileSync(new URL(file, FOLDER), 'utf8'), { intAsBigInt: true }) as readonly Case[]
  describe(`samples of ${file}`, () => {
    test.each(cases)('$name', async (row) => {
      const outcome = await run(`${file.replace('.yaml', '')}-${cases.indexOf(row)}`, row)
      check(row, outcome)
      const changed = mutations(row, ['result', 'error'])
      expect(changed).not.toEqual([])
      expect(changed.filter((other) => passes(() => check(other, outcome)))).toEqual([])
    })
  })
}

async function run(id: string, { source, before }: Case): Promise<Outcome> {
  const sourceContents = before === undefined ? source : `- before_all: {${before}}\n${source}`
  const made = await cloud.request('POST', `/v1/${cloud.parent}/workflows?workflowId=${id}`, {
    sourceContents,
  })
  if ('error' in made.body) throw new Error(JSON.stringify(made.body['error']))
  const { body } = await cloud.request('POST', `/v1/${cloud.parent}/workflows/${id}/executions`, {})
  const execution = await executionEnd(cloud, String(body['name']))
  if (execution['state'] === 'SUCCEEDED') return { result: plain(String(execution['result'])) }
  const { payload } = execution['error'] as { readonly payload: string }
  return { error: plain(payload) as Readonly<Record<string, unknown>> }
}

/** JSON with integers as big ones, as the table has them. */
function plain(text: string): unknown {
  const convert = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(convert)
    if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, convert(one)]))
    return value
  }
  return convert(parseJson(text))
}

function check(row: Case, outcome: Outcome): void {
  if (row.error === undefined) {
    if ('error' in outcome)
      throw new Error(`failed: ${String(outcome.error['message'])} ${String(outcome.error['tags'])}`)
    expect(outcome.result).toEqual(row.result)
    return
  }
  if ('result' in outcome) throw new Error('succeeded')
  for (const [key, value] of Object.entries(row.error)) expect(outcome.error[key]).toEqual(value)
}
