import { expect } from 'vitest'
import { buildSource } from '../../simulator/cloud/workflows/build.ts'
import { parseJson, RaisedError, writeJson } from '../../simulator/engine/index.ts'
import { runSource, START } from '../../simulator/engine/testing/host.ts'
import type { Connector, RuntimeValue } from '../../simulator/engine/index.ts'
import type { TestRun, TestWorld } from '../../simulator/engine/testing/host.ts'
import type { EngineRow, StubAnswer } from './tables.ts'

/** What a row of test/cases/engine came to, whichever way it was run. */
export type EngineOutcome =
  | { readonly refused: string }
  | {
      readonly refused: null
      /** JSON text; with `exact`, the value itself, since JSON has one kind of number. */
      readonly result: string | null
      readonly exact?: RuntimeValue
      /** What a deployment refuses although the engine would run it. */
      readonly deployment: string | null
      readonly error: { readonly payload: string; readonly context: string } | null
      readonly logs: readonly string[]
      readonly seconds: number
      readonly steps: number
      readonly entries: number
      /** Only made when asked for: there may be 100,000 entries. */
      readonly history: () => readonly string[]
      /** Real requests were made, which take time of their own. */
      readonly realTime: boolean
    }

/** The keys of a row that state what comes out. */
export const ENGINE_EXPECTATIONS = [
  'result',
  'deployment',
  'error',
  'refused',
  'logs',
  'seconds',
  'steps',
  'history',
]

/** The source of a row; an expression is what `main` returns. */
export function sourceOf({ source, expr }: EngineRow): string {
  return (
    source ??
    `main:\n  params: [args]\n  steps:\n    - give: {return: '${`\${${expr}}`.replaceAll("'", "''")}'}`
  )
}

/** Runs a row on the engine, on a virtual clock. */
export async function runInProcess(row: EngineRow, source = sourceOf(row)): Promise<EngineOutcome> {
  const { readings, seed, argument, detailed } = row
  const options = {
    argument: asRuntime(argument ?? null),
    ...(readings && { readings }),
    ...(seed !== undefined && { seed: Number(seed) }),
    historyLevel: detailed === true ? 'detailed' : 'basic',
  } as const
  const [run] = await Promise.allSettled([runSource(source, options, worldOf(row))])
  const built = buildSource(source, readings)
  if (run.status === 'rejected') {
    // The compiler refuses nothing that validation lets pass.
    if (built.kind === 'built') throw run.reason
    return { refused: built.message }
  }
  return outcomeOf(run.value, built.kind === 'refused' ? built.message : null)
}

/** Throws where the outcome is not what the row says. */
export function expectEngineRow(row: EngineRow, outcome: EngineOutcome): void {
  if (row.refused !== undefined) {
    if (outcome.refused === null) throw new Error('was not refused')
    expect(outcome.refused).toBe(row.refused)
    return
  }
  if (outcome.refused !== null) throw new Error(`was refused: ${outcome.refused}`)
  if (row.deployment === undefined) expect(outcome.deployment).toBeNull()
  else expect(outcome.deployment).toContain(row.deployment)
  const { result, error } = outcome
  if (row.error === undefined) {
    if (result === null) throw new Error(`ended with ${error?.payload}`)
    if ('result' in row) expectResult(row.result ?? null, result, outcome.exact)
  } else {
    if (error === null) throw new Error(`gave ${result}, expected an error`)
    const raised = JSON.parse(error.payload) as { tags?: unknown; message?: unknown }
    const { tags, message, payload, context } = row.error
    if (tags !== undefined) expect(raised.tags).toEqual(expect.arrayContaining([...tags]))
    if (message !== undefined) expect(raised.message).toContain(message)
    if (payload !== undefined) expect(error.payload).toBe(payload)
    if (context !== undefined) expect(error.context).toBe(context)
  }
  if (row.logs !== undefined) expect(outcome.logs).toEqual(row.logs)
  if (row.seconds !== undefined) {
    if (outcome.realTime) expect(outcome.seconds).toBeGreaterThanOrEqual(Number(row.seconds))
    else expect(outcome.seconds).toBe(Number(row.seconds))
  }
  if (row.steps !== undefined) expect(outcome.steps).toBe(Number(row.steps))
  if (row.history !== undefined) expect(outcome.history()).toEqual(row.history)
}

function expectResult(expected: RuntimeValue, text: string, exact: RuntimeValue | undefined): void {
  if (exact === undefined) expect(parseJson(text)).toEqual(parseJson(writeJson(asRuntime(expected))))
  else expect(exact).toEqual(asRuntime(expected))
}

/** What YAML gives as objects are maps to a workflow. */
export function asRuntime(value: unknown): RuntimeValue {
  if (Array.isArray(value)) return value.map(asRuntime)
  if (typeof value === 'object' && value !== null && !(value instanceof Map)) {
    return new Map(Object.entries(value).map(([key, item]) => [key, asRuntime(item)]))
  }
  return value as RuntimeValue
}

/** `SEVERITY text`, or the keys of what was logged as JSON. */
export function logLine(severity: string, payload: string | readonly string[]): string {
  return `${severity} ${typeof payload === 'string' ? payload : `{${payload.join(', ')}}`}`
}

/** A step entry as tables show it, from the engine or from the API. */
export interface ShownEntry {
  readonly id: string
  readonly parent: string | null
  readonly routine: string
  readonly step: string
  readonly stepType: string
  readonly state: string
  readonly progressNumber: string | null
}

/** `  routine.step TYPE` indented by depth, with the progress number and `FAILED` where it did. */
export function historyLines(entries: readonly ShownEntry[]): readonly string[] {
  const parents = new Map(entries.map(({ id, parent }) => [id, parent]))
  return entries.map(({ parent, routine, step, stepType, state, progressNumber }) => {
    let depth = 0
    for (let above = parent; above !== null; above = parents.get(above) ?? null) depth += 1
    const progress = progressNumber === null ? '' : ` ${progressNumber}`
    const ended = state === 'STATE_SUCCEEDED' ? '' : ` ${state.replace('STATE_', '')}`
    return `${'. '.repeat(depth)}${routine}.${step} ${stepType.replace('STEP_', '')}${progress}${ended}`
  })
}

function outcomeOf(run: TestRun, deployment: string | null): EngineOutcome {
  const { outcome, logs, clock, steps, entries } = run
  const succeeded = outcome.state === 'SUCCEEDED'
  return {
    refused: null,
    deployment,
    result: succeeded ? jsonText(outcome.result) : null,
    ...(succeeded && { exact: outcome.result }),
    error: succeeded ? null : outcome.error,
    logs: logs.map(({ severity, payload }) =>
      logLine(severity, 'text' in payload ? payload.text : [...payload.json.keys()]),
    ),
    seconds: (clock.now() - START) / 1000,
    steps,
    entries: entries.length,
    history: () =>
      historyLines(
        entries.map((entry, index) => ({
          ...entry,
          id: String(index + 1),
          parent: entry.parent === null ? null : String(entry.parent),
          progressNumber: entry.progress === undefined ? null : String(entry.progress.number),
        })),
      ),
    realTime: false,
  }
}

function jsonText(value: RuntimeValue): string {
  try {
    return writeJson(value)
  } catch (error) {
    return `no JSON: ${String(error)}`
  }
}

function worldOf({ answers = {}, environment = {} }: EngineRow): TestWorld {
  const { http, ...connectors } = answers
  const stubs = Object.entries(connectors).map(([name, queue]): [string, Connector] => {
    const next = answering(queue)
    return [name, async () => next()]
  })
  const world = { environment, connectors: Object.fromEntries(stubs) }
  if (http === undefined) return world
  const next = answering(http)
  return { ...world, http: () => next() }
}

function answering(queue: readonly StubAnswer[]) {
  let asked = 0
  return (): never => {
    const answer = queue[Math.min(asked, queue.length - 1)]!
    asked += 1
    if ('raise' in answer) throw new RaisedError(asRuntime(answer.raise))
    return asRuntime(answer.result) as never
  }
}
