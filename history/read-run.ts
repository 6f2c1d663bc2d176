import { foldRun, type Compilation } from './fold.ts'
import type { RunView } from './run-view.ts'
import { readExecution, readStepEntries, type HistorySource } from './service.ts'

/** Reads an execution with its step entries and folds them to tasks. */
export async function readRun(
  source: HistorySource,
  executionName: string,
  known: Compilation | null,
): Promise<RunView> {
  // The execution first: what it says of itself is never newer than its steps.
  const execution = await readExecution(source, executionName)
  const entries = await readStepEntries(source, executionName)
  return foldRun(execution, entries, known ?? { manifest: null, sourceMap: null })
}
