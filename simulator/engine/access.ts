import { indexError, keyError, typeError } from './errors.ts'
import { holderOf, peekVariable, setVariable, storeValue } from './frame.ts'
import { LIMITS } from './limits.ts'
import { changeSize, isOwned, setOwner, sizeOf, textSize } from './size.ts'
import { isList, isMap, typeName } from './value.ts'
import type { Frame, VariableReference } from './frame.ts'
import type { RuntimeList, RuntimeMap, RuntimeValue } from './value.ts'

/** `target.name` and `target["name"]` and `target[0]`. */
export function readElement(target: RuntimeValue, key: RuntimeValue): RuntimeValue {
  if (isMap(target)) {
    if (typeof key !== 'string') throw typeError(`a map is indexed by a string, got ${typeName(key)}`)
    const value = target.get(key)
    if (value === undefined) throw keyError(key)
    return value
  }
  if (isList(target)) return target[indexOf(target, key)]!
  throw typeError(`${typeName(target)} cannot be indexed`)
}

function indexOf(list: readonly RuntimeValue[], key: RuntimeValue): number {
  if (typeof key !== 'bigint') throw typeError(`a list is indexed by an integer, got ${typeName(key)}`)
  if (key < 0n || key >= BigInt(list.length)) throw indexError(key)
  return Number(key)
}

/**
 * `v.a[0]: value`. The containers on the path are copied, unless an earlier write of the same variable copied
 * them already and nobody has taken the variable's value since; so that filling a list element by element does
 * not copy it each time.
 */
export function writeElement(
  frame: Frame,
  reference: VariableReference,
  path: readonly RuntimeValue[],
  value: RuntimeValue,
): void {
  const root = peekVariable(frame, reference)
  const holder = holderOf(frame, reference)
  const owner = (holder.owners[reference.slot] ??= {})
  const createMissing = holder.thread.execution.readings.missingPath === 'create'
  const written = write(root, path, 0, value, owner, createMissing)
  storeValue(holder, reference.slot, written)
}

/**
 * `v: ${list.concat(v, element)}` without a copy where the list is the variable's own, so that collecting n elements
 * takes n steps and not n². False where the variable holds no list: then nothing has happened.
 */
export function appendElement(
  frame: Frame,
  reference: VariableReference,
  element: (frame: Frame) => RuntimeValue,
): boolean {
  const list = peekVariable(frame, reference)
  if (!isList(list)) return false
  const value = element(frame)
  const holder = holderOf(frame, reference)
  const size = sizeOf(list)
  const added = sizeOf(value)
  const free = LIMITS.memory - holder.thread.execution.memory + holder.sizes[reference.slot]!
  if (size + added > free) {
    setVariable(frame, reference, [...list, value])
    return true
  }
  const owner = (holder.owners[reference.slot] ??= {})
  const own = ownedList(list, owner, size)
  own.push(value)
  changeSize(own, added)
  storeValue(holder, reference.slot, own)
  return true
}

function write(
  target: RuntimeValue,
  path: readonly RuntimeValue[],
  at: number,
  value: RuntimeValue,
  owner: object,
  createMissing: boolean,
): RuntimeValue {
  const key = path[at]!
  const last = at + 1 === path.length
  const size = sizeOf(target)
  if (isMap(target)) {
    if (typeof key !== 'string') throw typeError(`a map is indexed by a string, got ${typeName(key)}`)
    const old = target.get(key)
    if (old === undefined && !last && !createMissing) throw keyError(key)
    const before = old === undefined ? -textSize(key) : sizeOf(old)
    const item = last ? value : write(old ?? new Map(), path, at + 1, value, owner, createMissing)
    const change = sizeOf(item) - before
    const own = ownedMap(target, owner, size)
    own.set(key, item)
    changeSize(own, change)
    return own
  }
  if (isList(target)) {
    const index = indexOf(target, key)
    const before = sizeOf(target[index]!)
    const item = last ? value : write(target[index]!, path, at + 1, value, owner, createMissing)
    const change = sizeOf(item) - before
    const own = ownedList(target, owner, size)
    own[index] = item
    changeSize(own, change)
    return own
  }
  throw typeError(`${typeName(target)} cannot be indexed`)
}

/** The map itself where it was copied for this owner before, so that nobody else can see it change. */
function ownedMap(target: RuntimeMap, owner: object, size: number): Map<string, RuntimeValue> {
  if (isOwnedMap(target, owner)) return target
  const copy = new Map(target)
  setOwner(copy, owner, size)
  return copy
}

function ownedList(target: RuntimeList, owner: object, size: number): RuntimeValue[] {
  if (isOwnedList(target, owner)) return target
  const copy = [...target]
  setOwner(copy, owner, size)
  return copy
}

function isOwnedMap(target: RuntimeMap, owner: object): target is Map<string, RuntimeValue> {
  return isOwned(target, owner)
}

function isOwnedList(target: RuntimeList, owner: object): target is RuntimeValue[] {
  return isOwned(target, owner)
}
