import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { mutations, passes } from '../../test/cases/mutations.ts'
import { RaisedError } from './index.ts'
import { runSource, START } from './testing/host.ts'
import type { Connector, Readings, RuntimeValue } from './index.ts'
import type { TestRun, TestWorld } from './testing/host.ts'

const EXPECTATIONS = ['result', 'error', 'refused', 'logs', 'seconds', 'steps', 'history']
const FOLDER = new URL('../../test/cases/engine/', import.meta.url)

/** One row of a case table; see test/cases/engine/README.md. */
interface Case {
  readonly name?: string
  readonly source?: string
  readonly expr?: string
  readonly argument?: RuntimeValue
  readonly readings?: Partial<Readings>
  readonly seed?: bigint
  readonly detailed?: boolean
  readonly environment?: Readonly<Record<string, string>>
  /** Answers of a connector (or of `http`), one after the other; the last is repeated. */
  readonly answers?: Readonly<Record<string, readonly Answer[]>>
  readonly result?: RuntimeValue
  readonly error?: ExpectedError
  readonly refused?: string
  readonly logs?: readonly string[]
  readonly seconds?: number | bigint
  readonly steps?: bigint
  readonly history?: readonly string[]
}

type Answer = { readonly result: RuntimeValue } | { readonly raise: RuntimeValue }

interface ExpectedError {
  readonly tags?: readonly string[]
  readonly message?: string
  readonly payload?: string
  readonly context?: string
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))) {
  const text = readFileSync(new URL(file, FOLDER), 'utf8')
  const cases = parse(text, { intAsBigInt: true }) as readonly Case[]
  describe(`cases of ${file}`, () => {
    for (const [index, row] of cases.entries()) {
      test(`${index + 1}: ${row.name ?? row.expr ?? ''}`, () => check(row))
    }
  })
}

async function check(row: Case): Promise<void> {
  const { readings, seed, argument, detailed } = row
  const [run] = await Promise.allSettled([
    runSource(
      row.source ?? `main:\n  params: [args]\n  steps:\n    - give: {return: ${quoted(`\${${row.expr}}`)}}`,
      {
        argument: argument === undefined ? null : asRuntime(argument),
        ...(readings && { readings }),
        ...(seed && { seed: Number(seed) }),
        historyLevel: detailed === true ? 'detailed' : 'basic',
      },
      worldOf(row),
    ),
  ])
  expectRun(row, run)
  const changed = mutations(row, EXPECTATIONS)
  expect(changed).not.toEqual([])
  expect(changed.filter((other) => passes(() => expectRun(other, run)))).toEqual([])
}

function expectRun(row: Case, run: PromiseSettledResult<TestRun>): void {
  if (run.status === 'fulfilled') expectOutcome(row, run.value)
  else if (row.refused === undefined) throw run.reason
  else expect(String(run.reason)).toContain(row.refused)
}

function expectOutcome(row: Case, run: TestRun): void {
  const { outcome } = run
  if (row.refused !== undefined) throw new Error('was not refused')
  if (row.error === undefined) {
    if (outcome.state !== 'SUCCEEDED') throw new Error(`ended ${outcome.state}: ${outcome.error.payload}`)
    if ('result' in row) expect(outcome.result).toEqual(asRuntime(row.result ?? null))
  } else {
    if (outcome.state !== 'FAILED') throw new Error(`ended ${outcome.state}, expected an error`)
    const raised = JSON.parse(outcome.error.payload) as { tags?: unknown; message?: unknown }
    const { tags, message, payload, context } = row.error
    if (tags !== undefined) expect(raised.tags).toEqual(expect.arrayContaining([...tags]))
    if (message !== undefined) expect(raised.message).toContain(message)
    if (payload !== undefined) expect(outcome.error.payload).toBe(payload)
    if (context !== undefined) expect(outcome.error.context).toBe(context)
  }
  if (row.logs !== undefined) expect(run.logs.map(logLine)).toEqual(row.logs)
  if (row.seconds !== undefined) expect((run.clock.now() - START) / 1000).toBe(Number(row.seconds))
  if (row.steps !== undefined) expect(run.steps).toBe(Number(row.steps))
  if (row.history !== undefined) expect(run.entries.map(historyLine)).toEqual(row.history)
}

function worldOf({ answers = {}, environment = {} }: Case): TestWorld {
  const { http, ...connectors } = answers
  const world = {
    environment,
    connectors: mapValues(connectors, (queue): Connector => {
      const next = answering(queue)
      return async () => next()
    }),
  }
  if (http === undefined) return world
  const next = answering(http)
  return { ...world, http: () => next() }
}

function answering(queue: readonly Answer[]) {
  let asked = 0
  return (): never => {
    const answer = queue[Math.min(asked, queue.length - 1)]!
    asked += 1
    if ('raise' in answer) throw new RaisedError(asRuntime(answer.raise))
    return asRuntime(answer.result) as never
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

/** What YAML gives as objects are maps to a workflow. */
function asRuntime(value: unknown): RuntimeValue {
  if (Array.isArray(value)) return value.map(asRuntime)
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, asRuntime(item)]))
  }
  return value as RuntimeValue
}

function logLine({ severity, payload }: TestRun['logs'][number]): string {
  return `${severity} ${'text' in payload ? payload.text : `{${[...payload.json.keys()].join(', ')}}`}`
}

/** `  routine.step TYPE` indented by depth, with the progress number and `FAILED` where it did. */
function historyLine(entry: TestRun['entries'][number], _: number, all: TestRun['entries']): string {
  let depth = 0
  for (let parent = entry.parent; parent !== null; parent = all[parent - 1]!.parent) depth += 1
  const progress = entry.progress === undefined ? '' : ` ${entry.progress.number}`
  const state = entry.state === 'STATE_SUCCEEDED' ? '' : ` ${entry.state.replace('STATE_', '')}`
  return `${'. '.repeat(depth)}${entry.routine}.${entry.step} ${entry.stepType.replace('STEP_', '')}${progress}${state}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
