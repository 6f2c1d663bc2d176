import { holderOf, shareVariable } from './frame.ts'
import type { Clock } from '../clock.ts'
import type { Frame, VariableReference } from './frame.ts'
import type { HistorySink, ProgressType, StepEntry, StepType } from './history.ts'
import type { Thread } from './thread.ts'
import type { RuntimeMap, RuntimeValue } from './value.ts'

/** Where the next entry of a sequence of steps goes. */
export interface Cursor {
  readonly parent: StepEntry | null
  /** The entry before it in the same sequence. */
  previous: StepEntry | null
}

export type Progress = NonNullable<StepEntry['progress']>

/** Keeps the step entries of one execution and reports them. */
export class Recorder {
  readonly #sink: HistorySink
  readonly #clock: Clock
  readonly #detailed: boolean
  #lastId = 0

  constructor(sink: HistorySink, clock: Clock, detailed: boolean) {
    this.#sink = sink
    this.#clock = clock
    this.#detailed = detailed
  }

  start(
    thread: Thread,
    routine: string,
    step: string,
    stepType: StepType,
    cursor: Cursor,
    progress?: Progress,
  ): StepEntry {
    const { parent, previous } = cursor
    const now = this.#clock.now()
    this.#lastId += 1
    const entry: StepEntry = {
      entryId: this.#lastId,
      routine,
      step,
      stepType,
      state: 'STATE_IN_PROGRESS',
      createTime: now,
      updateTime: now,
      parent: parent === null ? null : parent.entryId,
      children: [],
      previous: previous === null ? null : previous.entryId,
      next: null,
      threadId: thread.id,
      ...(progress === undefined ? {} : { progress }),
    }
    if (previous !== null) previous.next = entry.entryId
    if (parent !== null) parent.children.push(entry.entryId)
    cursor.previous = entry
    thread.open.push(entry)
    this.#sink.started(entry)
    return entry
  }

  succeed(thread: Thread, entry: StepEntry, frame: Frame, visible: readonly VariableReference[]): void {
    entry.state = 'STATE_SUCCEEDED'
    this.#end(thread, entry, frame, visible)
  }

  fail(
    thread: Thread,
    entry: StepEntry,
    exception: RuntimeValue,
    frame: Frame,
    visible: readonly VariableReference[],
  ): void {
    entry.state = 'STATE_FAILED'
    entry.exception = exception
    this.#end(thread, entry, frame, visible)
  }

  /** Ends whatever a thread has left open, innermost first, when the execution ends under it. */
  abandon(thread: Thread, state: 'STATE_FAILED' | 'STATE_CANCELLED', exception?: RuntimeValue): void {
    for (let entry = thread.open.pop(); entry !== undefined; entry = thread.open.pop()) {
      entry.state = state
      if (exception !== undefined) entry.exception = exception
      entry.updateTime = this.#clock.now()
      this.#sink.ended(entry)
    }
  }

  /** `expected` is known only to detailed history. */
  progress(type: ProgressType, number: number, expected: number): Progress {
    return this.#detailed ? { type, number, expected } : { type, number }
  }

  #end(thread: Thread, entry: StepEntry, frame: Frame, visible: readonly VariableReference[]): void {
    thread.open.pop()
    entry.updateTime = this.#clock.now()
    if (this.#detailed && this.#sink.full !== true) entry.variables = snapshot(frame, visible)
    this.#sink.ended(entry)
  }
}

/**
 * A variable of more bytes than this is shown by its size: keeping the value would copy it anew with each write, and a
 * history of 100,000 entries would grow to gigabytes.
 */
const SHOWN_BYTES = 32 * 1024

function snapshot(frame: Frame, visible: readonly VariableReference[]): RuntimeMap {
  const variables = new Map<string, RuntimeValue>()
  for (const reference of visible) {
    const { values, sizes } = holderOf(frame, reference)
    const value = values[reference.slot]
    if (value === undefined) continue
    const size = sizes[reference.slot]!
    variables.set(reference.name, size > SHOWN_BYTES ? `(${size} bytes)` : value)
    if (size <= SHOWN_BYTES) shareVariable(frame, reference)
  }
  return variables
}
