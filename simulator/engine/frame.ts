import { LIMITS } from './limits.ts'
import { resourceLimitError, unassignedError } from './errors.ts'
import { sizeOf } from './size.ts'
import { isList, isMap } from './value.ts'
import type { Thread } from './thread.ts'
import type { RuntimeValue } from './value.ts'

/**
 * The variables of one subworkflow call, parallel branch or parallel iteration. Loops and `except` blocks keep
 * theirs in the frame they stand in and clear them when they end.
 */
export interface Frame {
  /** The frame around a branch. */
  readonly parent: Frame | null
  readonly thread: Thread
  readonly callDepth: number
  /** By slot; undefined until assigned. */
  readonly values: (RuntimeValue | undefined)[]
  /** What each value counts for in the memory of the execution. */
  readonly sizes: number[]
  /**
   * Assignments copy. A container that was copied for a write carries its slot's owner and is written in place
   * from then on, until the variable is read as a whole: then the slot forgets its owner. See access.ts.
   */
  readonly owners: (object | undefined)[]
}

/** Where a variable is, resolved when the source was compiled. */
export interface VariableReference {
  readonly name: string
  /** Frames outward. */
  readonly hops: number
  readonly slot: number
}

export function createFrame(slots: number, parent: Frame | null, thread: Thread, callDepth: number): Frame {
  return {
    parent,
    thread,
    callDepth,
    values: blank(slots).slice(),
    sizes: zeros(slots).slice(),
    owners: blank(slots).slice(),
  }
}

const blanks: undefined[][] = []
const zeroes: number[][] = []

/** Copying a list is faster than filling one, and a parallel loop makes a frame for each iteration. */
function blank(slots: number): undefined[] {
  return (blanks[slots] ??= Array.from({ length: slots }, () => undefined))
}

function zeros(slots: number): number[] {
  return (zeroes[slots] ??= Array.from({ length: slots }, () => 0))
}

/** The frame that holds a variable. */
export function holderOf(frame: Frame, reference: VariableReference): Frame {
  let holder = frame
  for (let hops = reference.hops; hops > 0; hops -= 1) holder = holder.parent!
  return holder
}

/** A variable's value without taking a copy: only for looking into it. */
export function peekVariable(frame: Frame, reference: VariableReference): RuntimeValue {
  const value = holderOf(frame, reference).values[reference.slot]
  if (value === undefined) throw unassignedError(reference.name)
  return value
}

/** Declares that a variable's value, or a part of it, is now also held elsewhere. */
export function shareVariable(frame: Frame, reference: VariableReference): void {
  holderOf(frame, reference).owners[reference.slot] = undefined
}

export function setVariable(frame: Frame, reference: VariableReference, value: RuntimeValue): void {
  const holder = holderOf(frame, reference)
  holder.owners[reference.slot] = undefined
  storeValue(holder, reference.slot, value)
}

/** Puts a value into a slot and charges its size to the execution. */
export function storeValue(holder: Frame, slot: number, value: RuntimeValue): void {
  const size = sizeOf(value)
  const { execution } = holder.thread
  const memory = execution.memory + size - holder.sizes[slot]!
  if (memory > LIMITS.memory) {
    const isFatal = execution.readings.resourceLimit === 'fatal'
    throw resourceLimitError(`variables would use ${memory} bytes, the limit is ${LIMITS.memory}`, isFatal)
  }
  execution.memory = memory
  if (memory > execution.mostMemory) execution.mostMemory = memory
  holder.sizes[slot] = size
  holder.values[slot] = value
}

/**
 * Refuses a value that no execution could hold: what is returned, raised or passed to a call need not be in any
 * variable, but would be as large for whoever takes it.
 */
export function boundedValue(value: RuntimeValue, frame: Frame): RuntimeValue {
  const size = isList(value) ? sizeOfItems(value) : isMap(value) ? sizeOfItems(value.values()) : sizeOf(value)
  if (size <= LIMITS.memory) return value
  const isFatal = frame.thread.execution.readings.resourceLimit === 'fatal'
  throw resourceLimitError(`a value would use ${size} bytes, the limit is ${LIMITS.memory}`, isFatal)
}

/** Of a container that was just made and is looked at once: its size is not worth remembering. */
function sizeOfItems(items: Iterable<RuntimeValue>): number {
  let size = 0
  for (const item of items) size += sizeOf(item)
  return size
}

/** Forgets the variables of a block that ended. */
export function clearVariables(frame: Frame, slots: readonly number[]): void {
  for (const slot of slots) {
    frame.thread.execution.memory -= frame.sizes[slot]!
    frame.values[slot] = undefined
    frame.sizes[slot] = 0
    frame.owners[slot] = undefined
  }
}

/** Frees all variables of a frame. */
export function releaseFrame(frame: Frame): void {
  let freed = 0
  for (const size of frame.sizes) freed += size
  frame.thread.execution.memory -= freed
}
