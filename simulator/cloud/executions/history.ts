import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { HistorySink, ProgressType, StepEntry, StepState, StepType } from '../../engine/history.ts'
import { jsonText } from './json-text.ts'

/** A step entry as `steps.jsonl` holds it: one line per change, the last line of an entry counts. */
interface StoredStep {
  readonly entryId: number
  readonly routine: string
  readonly step: string
  readonly stepType: StepType
  readonly state: StepState
  readonly createTime: number
  readonly updateTime: number
  readonly parent: number | null
  readonly previous: number | null
  readonly threadId: string
  readonly progress?: { readonly type: ProgressType; readonly number: number; readonly expected?: number }
  /** JSON text. */
  readonly exception?: string
  /** JSON text of a map. */
  readonly variables?: string
}

/** Links that follow from the other entries. */
export interface LinkedStep extends StoredStep {
  readonly children: readonly number[]
  readonly next: number | null
}

/**
 * Bytes of variables that one execution may leave: 100,000 steps could show 512 KB each. Entries after that have none.
 */
const MOST_VARIABLES = 64 * 1024 * 1024
/** Entries that wait to be written; fewer where they hold variables. */
const BATCH = 256
const BATCH_WITH_VARIABLES = 32

/** Writes an execution's entries, a batch per turn of the event loop; an entry that changed twice is written once. */
export class HistoryFile implements HistorySink {
  readonly #path: string
  readonly #changed = new Map<number, StepEntry>()
  #flushing: NodeJS.Immediate | null = null
  #file: number | null = null
  #last: StepEntry | null = null
  #variables = 0

  constructor(path: string) {
    this.#path = path
  }

  /** The entry that started last. */
  get last(): StepEntry | null {
    return this.#last
  }

  get full(): boolean {
    return this.#variables > MOST_VARIABLES
  }

  started(entry: StepEntry): void {
    this.#last = entry
    this.#change(entry)
  }

  ended(entry: StepEntry): void {
    this.#change(entry)
  }

  flush(): void {
    if (this.#flushing !== null) clearImmediate(this.#flushing)
    this.#flushing = null
    if (this.#changed.size === 0) return
    if (this.#file === null) {
      mkdirSync(dirname(this.#path), { recursive: true })
      this.#file = openSync(this.#path, 'a')
    }
    let text = ''
    for (const entry of this.#changed.values()) {
      const step = stored(entry)
      this.#variables += step.variables?.length ?? 0
      text += `${JSON.stringify(step)}\n`
    }
    this.#changed.clear()
    writeSync(this.#file, text)
  }

  close(): void {
    this.flush()
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #change(entry: StepEntry): void {
    this.#changed.set(entry.entryId, entry)
    const batch = entry.variables === undefined ? BATCH : BATCH_WITH_VARIABLES
    if (this.#changed.size >= batch) this.flush()
    else this.#flushing ??= setImmediate(() => this.flush())
  }
}

/** Reads histories; remembers the last one, because clients fetch it page by page. */
export class HistoryReader {
  #path = ''
  #size = -1
  #steps: readonly LinkedStep[] = []

  read(path: string): readonly LinkedStep[] {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (path !== this.#path || size !== this.#size) {
      this.#steps = readHistory(path)
      this.#path = path
      this.#size = size
    }
    return this.#steps
  }
}

/** All entries of an execution, by id. A half-written last line, left by a kill, is ignored. */
export function readHistory(path: string): readonly LinkedStep[] {
  if (!existsSync(path)) return []
  const byId = new Map<number, StoredStep>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue
    try {
      const step = JSON.parse(line) as StoredStep
      byId.set(step.entryId, step)
    } catch {
      continue
    }
  }
  const children = new Map<number, number[]>()
  const next = new Map<number, number>()
  const steps = [...byId.values()].toSorted((left, right) => left.entryId - right.entryId)
  for (const { entryId, parent, previous } of steps) {
    if (parent !== null) {
      const siblings = children.get(parent)
      if (siblings === undefined) children.set(parent, [entryId])
      else siblings.push(entryId)
    }
    if (previous !== null) next.set(previous, entryId)
  }
  return steps.map((step) =>
    Object.assign(step, { children: children.get(step.entryId) ?? [], next: next.get(step.entryId) ?? null }),
  )
}

function stored(entry: StepEntry): StoredStep {
  const { entryId, routine, step, stepType, state, createTime, updateTime, parent, previous, threadId } =
    entry
  return {
    entryId,
    routine,
    step,
    stepType,
    state,
    createTime,
    updateTime,
    parent,
    previous,
    threadId,
    ...(entry.progress === undefined ? {} : { progress: entry.progress }),
    ...(entry.exception === undefined ? {} : { exception: jsonText(entry.exception) }),
    ...(entry.variables === undefined ? {} : { variables: jsonText(entry.variables) }),
  }
}
