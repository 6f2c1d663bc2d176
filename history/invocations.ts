import type { StepRecord } from './service.ts'

/** One call of a subworkflow: its own entries, and those of the helpers that it called. */
export interface Invocation {
  readonly entries: readonly StepRecord[]
  readonly helpers: readonly StepRecord[]
}

/**
 * Splits a history into the calls of each subworkflow, in the order in which they began: branches and iterations run
 * side by side, so that their entries come mixed. Entries that do not say where they stand count as one call.
 */
export function invocationsOf(
  entries: readonly StepRecord[],
  isTask: (routine: string) => boolean,
): ReadonlyMap<string, readonly Invocation[]> {
  const byId = new Map(entries.map((entry) => [entry.entryId, entry]))
  const calls = new Map<string, { entries: StepRecord[]; helpers: StepRecord[] }>()
  const callOf = (key: string) => {
    const known = calls.get(key)
    if (known !== undefined) return known
    const made = { entries: [], helpers: [] }
    calls.set(key, made)
    return made
  }
  const parentOf = (entry: StepRecord) => byId.get(entry.navigationInfo?.parent ?? -1)
  const keys = new Map<number, string | null>()
  /** The task's call that an entry belongs to: named by its routine and by the step that made the call. */
  const keyOf = (entry: StepRecord): string | null => {
    const known = keys.get(entry.entryId)
    if (known !== undefined) return known
    const parent = parentOf(entry)
    const inside = parent !== undefined && parent.routine === entry.routine
    const key = isTask(entry.routine)
      ? inside
        ? keyOf(parent)
        : `${entry.routine} ${parent?.entryId ?? ''}`
      : parent === undefined
        ? null
        : keyOf(parent)
    keys.set(entry.entryId, key)
    return key
  }
  for (const entry of entries) {
    const key = keyOf(entry)
    if (key === null) continue
    const call = callOf(key)
    if (isTask(entry.routine)) call.entries.push(entry)
    else call.helpers.push(entry)
  }
  const found = new Map<string, Invocation[]>()
  for (const [key, call] of calls) {
    const routine = key.slice(0, key.indexOf(' '))
    const list = found.get(routine)
    if (list === undefined) found.set(routine, [call])
    else list.push(call)
  }
  return found
}
