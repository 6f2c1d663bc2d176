import { tagsOf } from './errors.ts'
import { holderOf, shareVariable } from './frame.ts'
import { shortened } from './outcome.ts'
import { sizeOf } from './size.ts'
import { isMap, mapOf } from './value.ts'
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
  /** Bytes of all exceptions that entries show in full. */
  #exceptions = 0

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
    entry.exception = this.#shown(exception)
    this.#end(thread, entry, frame, visible)
  }

  /** Ends whatever a thread has left open, innermost first, when the execution ends under it. */
  abandon(thread: Thread, state: 'STATE_FAILED' | 'STATE_CANCELLED', exception?: RuntimeValue): void {
    for (let entry = thread.open.pop(); entry !== undefined; entry = thread.open.pop()) {
      entry.state = state
      if (exception !== undefined) entry.exception = this.#shown(exception)
      entry.updateTime = this.#clock.now()
      this.#sink.ended(entry)
    }
  }

  /** `expected` is known only to detailed history. */
  progress(type: ProgressType, number: number, expected: number): Progress {
    return this.#detailed ? { type, number, expected } : { type, number }
  }

  #shown(exception: RuntimeValue): RuntimeValue {
    const size = sizeOf(exception)
    if (size > SHOWN_BYTES || this.#exceptions + size > EXCEPTION_BYTES) return standIn(exception, size)
    this.#exceptions += size
    return exception
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

/**
 * What was raised is in the entry of each block that it leaves, and may be raised again and again. Beyond so many bytes
 * of an execution, entries show a stand-in.
 */
const EXCEPTION_BYTES = 16 * 1024 * 1024
const STAND_IN = 256

/** The beginning of the message and the tags of an exception that is not shown. */
function standIn(exception: RuntimeValue, size: number): RuntimeValue {
  const message = isMap(exception) ? exception.get('message') : exception
  const text = typeof message === 'string' ? `${shortened(message, STAND_IN)} ` : ''
  const tags = tagsOf(exception).slice(0, 8)
  return mapOf({
    message: `${text}(${size} bytes)`,
    ...(tags.length > 0 && { tags: tags.map((tag) => shortened(tag, STAND_IN)) }),
  })
}

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
