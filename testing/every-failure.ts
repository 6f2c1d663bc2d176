import type { DagDefinition, TaskDefinition } from '../dsl/index.ts'
import { callerOf } from '../dsl/location.ts'
import type { Circumstances, SimulateOptions } from './options.ts'
import { cannotFail, cannotSkip, cannotTimeOut } from './script.ts'
import { simulateAt } from './simulate.ts'
import type { SimulatedRun } from './simulated-run.ts'

/** One way in which one task of a DAG goes wrong. */
export interface FailureCase {
  readonly task: string
  /** All tries fail; it skips itself; all tries take too long; it is rejected. */
  readonly how: 'fail' | 'skip' | 'time_out' | 'reject'
  /** What `simulate` takes to let it happen. */
  readonly circumstances: Circumstances
}

/**
 * Every task of a DAG failing, skipping itself, timing out, being rejected, as far as its kind can: for `test.each`.
 *
 * @example
 * test.each(failuresOf(shop))('$task: $how', async ({ circumstances }) => {
 *   const run = await simulate(shop, circumstances)
 *   expect(run).toHaveRun('release_lock')
 * })
 */
export function failuresOf(dag: DagDefinition): readonly FailureCase[] {
  return dag.tasks.flatMap(casesOf)
}

function casesOf(task: TaskDefinition): FailureCase[] {
  const { id } = task
  return [
    ...(cannotFail(task) === null ? [{ task: id, how: 'fail', circumstances: { fail: [id] } } as const] : []),
    ...(cannotSkip(task) === null ? [{ task: id, how: 'skip', circumstances: { skip: [id] } } as const] : []),
    ...(cannotTimeOut(task) === null
      ? [{ task: id, how: 'time_out', circumstances: { timeOut: [id] } } as const]
      : []),
    ...(task.kind === 'approval'
      ? [{ task: id, how: 'reject', circumstances: { mocks: { [id]: { approved: false } } } } as const]
      : []),
  ]
}

/**
 * Simulates them all, one after the other: each case with the run that came of it. `options` are the circumstances of
 * every run, which the case's own go before.
 *
 * @throws what `simulate` throws
 *
 * @example
 * for await (const { task, how, run } of everyFailure(shop)) {
 *   expect(run, `${task}: ${how}`).toHaveRun('release_lock')
 * }
 */
export function everyFailure(
  dag: DagDefinition,
  options: SimulateOptions = {},
): AsyncGenerator<FailureCase & { readonly run: SimulatedRun }, void, undefined> {
  return failures(dag, options, callerOf(everyFailure))
}

async function* failures(dag: DagDefinition, options: SimulateOptions, at: ReturnType<typeof callerOf>) {
  for (const one of failuresOf(dag)) {
    yield { ...one, run: await simulateAt(dag, joined(options, one.circumstances), at) }
  }
}

function joined(options: SimulateOptions, { fail, skip, timeOut, mocks }: Circumstances): SimulateOptions {
  return {
    ...options,
    mocks: { ...options.mocks, ...mocks },
    fail: { ...asTable(options.fail, always), ...asTable(fail, always) },
    skip: { ...asTable(options.skip, ''), ...asTable(skip, '') },
    timeOut: { ...asTable(options.timeOut, always), ...asTable(timeOut, always) },
  }
}

const always = Number.POSITIVE_INFINITY

function asTable<T>(
  given: readonly string[] | Readonly<Record<string, T>> | undefined,
  each: T,
): Readonly<Record<string, T>> {
  if (!isList(given)) return given ?? {}
  return Object.fromEntries(given.map((name) => [name, each]))
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}
