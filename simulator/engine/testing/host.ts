import { parseWorkflow } from '../../../language/index.ts'
import { virtualClock } from '../../clock.ts'
import { compileWorkflow } from '../compile.ts'
import { mapOf } from '../value.ts'
import type { Clock } from '../../clock.ts'
import type { ExecutionOptions, ExecutionOutcome } from '../execution.ts'
import type { StepEntry } from '../history.ts'
import type { Connector, EngineHost, HttpCall, LogEntry } from '../host.ts'
import type { RuntimeMap, RuntimeValue } from '../value.ts'

/** 2025-02-01T00:00:00Z */
export const START = 1_738_368_000_000

/** What a test replaces of the world around an execution. */
export interface TestWorld {
  readonly clock?: Clock
  readonly connectors?: Readonly<Record<string, Connector>>
  readonly http?: (call: HttpCall) => RuntimeMap
  readonly environment?: Readonly<Record<string, string>>
}

export interface TestRun {
  readonly outcome: ExecutionOutcome
  readonly entries: readonly StepEntry[]
  readonly logs: readonly LogEntry[]
  readonly steps: number
  readonly clock: Clock
}

export function testHost(world: TestWorld, logs: LogEntry[] = []): EngineHost {
  return {
    clock: world.clock ?? virtualClock(START),
    connector: (name) => new Map(Object.entries(world.connectors ?? {})).get(name) ?? null,
    http: async (call) => world.http?.(call) ?? mapOf({ code: 200n, headers: new Map(), body: null }),
    environment: (name) => new Map(Object.entries(world.environment ?? {})).get(name) ?? null,
    log: (entry) => void logs.push(entry),
  }
}

/** Parses, compiles and runs a source to its end. */
export async function runSource(
  source: string,
  options: Partial<Omit<ExecutionOptions, 'host' | 'history'>> & { readonly argument?: RuntimeValue } = {},
  world: TestWorld = {},
): Promise<TestRun> {
  const { document, problems } = parseWorkflow(source)
  if (document === null || problems.length > 0) {
    throw new Error(problems.map(({ message }) => message).join('\n'))
  }
  const entries: StepEntry[] = []
  const logs: LogEntry[] = []
  const host = testHost(world, logs)
  const history = { started: (entry: StepEntry) => void entries.push(entry), ended: () => undefined }
  const execution = compileWorkflow(document).execute({ argument: null, ...options, host, history })
  const outcome = await execution.outcome
  return { outcome, entries, logs, steps: execution.billedSteps(), clock: host.clock }
}
