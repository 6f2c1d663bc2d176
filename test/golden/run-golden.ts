import { join } from 'node:path'
import type { LedgerEntry } from '../../deploy/ledger.ts'
import { READINGS, writeJson } from '../../simulator/engine/index.ts'
import { runArgument, runWorkflow, type RunRecord, type WorldOptions } from './world.ts'

/** Runs of goldens, and what the tests of all kinds of tasks look at. */

export interface TaskResult {
  readonly state: string
  readonly tries: number
  readonly reason?: string
  readonly error?: { readonly code: string; readonly message: string }
}

export function runGolden(name: string, options: WorldOptions = {}): Promise<RunRecord> {
  return runWorkflow(join(import.meta.dirname, name, 'workflow.yaml'), options)
}

export function tasksOf({ value }: Pick<RunRecord, 'value'>): Readonly<Record<string, TaskResult>> {
  return value['tasks'] as Readonly<Record<string, TaskResult>>
}

/** States of the tasks by id; of some of them where ids are given. */
export function statesOf(record: Pick<RunRecord, 'value'>, ...ids: readonly string[]) {
  const states = Object.entries(tasksOf(record)).map(([id, { state }]) => [id, state] as const)
  return Object.fromEntries(states.filter(([id]) => ids.length === 0 || ids.includes(id)))
}

/** Every reading of everything that Google's documentation leaves open, one at a time. */
export const everyReading = Object.entries(READINGS).flatMap(([name, { readings }]) =>
  readings.map((choice) => ({ [name]: choice })),
)

/** Every call of a connector or of HTTP that a run makes, by its name and number. */
export async function callsOf(
  name: string,
  options: WorldOptions = {},
): Promise<readonly (readonly [string, number])[]> {
  const calls: (readonly [string, number])[] = []
  await runGolden(name, {
    ...options,
    failing: (connector, call) => {
      calls.push([connector, call])
      return null
    },
  })
  return calls
}

/** What `readLedger` reads of what a run left. */
export function ledgerOf(dag: string, { left }: Pick<RunRecord, 'left'>): LedgerEntry[] {
  return [...left].flatMap(([path, { body, metadata }]): LedgerEntry[] => {
    const [, task = '', index = ''] =
      new RegExp(`^runs/${dag}/${runArgument.run_id}/([^/]+)/(\\d+)/result\\.json$`).exec(path) ?? []
    if (task === '') return []
    const kept = metadata.get('result')
    const text = typeof kept === 'string' ? kept : writeJson(body)
    const { state } = JSON.parse(text) as { state: LedgerEntry['state'] }
    return [{ task, index: Number(index), state, generation: '1' }]
  })
}
