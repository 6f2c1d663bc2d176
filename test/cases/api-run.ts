import { expect } from 'vitest'
import { mutations } from './mutations.ts'
import type { RestAnswer, RestCloud } from './rest-cloud.ts'
import type { ApiRow } from './tables.ts'

/** What each request of a row was answered, and what the names in it stand for. */
export interface ApiOutcome {
  readonly answers: readonly RestAnswer[]
  readonly names: ReadonlyMap<string, string>
}

/** Sends a row's requests one after the other. `project` is the row's own. */
export async function runApiRow(row: ApiRow, cloud: RestCloud, project: string): Promise<ApiOutcome> {
  const names = new Map([
    ['project', project],
    ['parent', `projects/${project}/locations/us-central1`],
  ])
  const answers: RestAnswer[] = []
  for (const { send, body, headers, times = 1, until, keep = {} } of row.requests) {
    const filled = fill(send, names)
    const method = filled.slice(0, filled.indexOf(' '))
    const path = filled.slice(method.length + 1)
    const given = body === undefined ? undefined : fillAll(body, names)
    let answer = await cloud.send(method, path, given, headers)
    for (let sent = 1; sent < times && answer.status === 200; sent += 1) {
      answer = await cloud.send(method, path, given, headers)
    }
    const ready = () => until === undefined || matches(answer.body, until)
    for (let tries = 0; !ready(); tries += 1) {
      if (tries === 500) throw new Error(`${send} never answered ${JSON.stringify(until)}: ${answer.text}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
      answer = await cloud.send(method, path, given, headers)
    }
    answers.push(answer)
    for (const [name, where] of Object.entries(keep)) names.set(name, String(at(answer.body, where)))
  }
  return { answers, names }
}

/** Throws where the answers are not what the row says. */
export function expectApiRow(row: ApiRow, { answers, names }: ApiOutcome): void {
  for (const [index, { status = 200, answer, only }] of row.requests.entries()) {
    const { status: got, body, text } = answers[index]!
    if (got !== status) throw new Error(`request ${index + 1} answered ${got}, not ${status}: ${text}`)
    if (answer !== undefined) expect(body).toMatchObject(fillAll(answer, names) as object)
    if (only !== undefined) expect(body).toEqual(fillAll(only, names))
  }
}

/** Copies of a row with one expectation changed each. */
export function changedApiRows(row: ApiRow): readonly ApiRow[] {
  return row.requests.flatMap((request, index) =>
    mutations({ status: 200, ...request }, ['status', 'answer', 'only']).map((other) => ({
      ...row,
      requests: row.requests.with(index, other),
    })),
  )
}

/** `{name}` in texts; `{$repeat: [text, times]}` is a long text, `{$join: […]}` one of parts, `{$fields: n}` a map of so many. */
function fillAll(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return fill(value, names)
  if (Array.isArray(value)) return value.map((item) => fillAll(item, names))
  if (typeof value !== 'object' || value === null) return value
  if ('$repeat' in value) {
    const [text, times] = value.$repeat as [string, number]
    return text.repeat(times)
  }
  if ('$join' in value)
    return (value.$join as readonly unknown[]).map((part) => fillAll(part, names)).join('')
  if ('$fields' in value) {
    return Object.fromEntries(Array.from({ length: Number(value.$fields) }, (_, index) => [`k${index}`, 'v']))
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fill(key, names), fillAll(item, names)]),
  )
}

function fill(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => names.get(name) ?? whole)
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce(
      (inner: unknown, key) =>
        typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
      value,
    )
}

function matches(body: unknown, wanted: object): boolean {
  try {
    expect(body).toMatchObject(wanted)
    return true
  } catch {
    return false
  }
}
