import { DagError } from './errors/dag-error.ts'
import { callerOf } from './location.ts'
import { memberOf, type Schema } from './schema.ts'
import { didYouMean } from './suggest.ts'

declare const value: unique symbol

/** An inert stand-in for a value that exists only while a run executes. It can be passed on as an input, not read. */
export interface Handle<T> {
  /** Only for the type checker. */
  readonly [value]: T
}

/**
 * A handle whose fields are handles too: `list.objects[0].name`. Fields of what may be null or absent are reachable,
 * and are null when it is.
 */
export type Ref<T> = Handle<T> & Members<NonNullable<T>>

type Members<T> = [T] extends [readonly (infer Item)[]]
  ? Readonly<Record<SmallIndex, Ref<Item>>> & { readonly [index: number]: Ref<Item> }
  : [T] extends [object]
    ? { readonly [Key in keyof T]-?: Ref<T[Key]> }
    : unknown

/** Written out, so that `noUncheckedIndexedAccess` does not add `undefined` to them. */
type SmallIndex = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** What may stand where `T` is expected: a value, a handle of one, or a structure that holds either. */
export type Inputs<T> = Handle<T> | InputStructure<T>

type InputStructure<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Inputs<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Inputs<T[Key]> }
      : T

/** Where a referenced value comes from. */
export type RefSource =
  /** The output of a task; of a mapped one the outputs of its instances by position, null where one has none. */
  | { readonly kind: 'task'; readonly task: string }
  /** How the instances of a mapped task ended, by position. */
  | { readonly kind: 'outcomes'; readonly task: string }
  /** The item of an instance of a mapped group, by the group's path. */
  | { readonly kind: 'item'; readonly group: string }
  /** The answer that the request of a sensor got. */
  | { readonly kind: 'response' }
  | { readonly kind: 'params' }
  | { readonly kind: 'run' }

/** What a handle stands for, as data. */
export interface RefPath {
  readonly source: RefSource
  /** Field names, and list indexes as numbers. */
  readonly path: readonly (string | number)[]
}

export interface RefState extends RefPath {
  /** Identity of the DAG under construction that the handle belongs to. */
  readonly owner: object
  /** Of the value that it stands for. */
  readonly schema: Schema
  /** Whether it stands for what all instances of a repeated task give, or for what one task gives. */
  readonly of: 'one' | 'all'
  /**
   * What may stand in storage, with only a pointer to it in the workflow: the field of a step's output that the value
   * is part of, or nothing (null) where the workflow holds the value itself.
   */
  readonly stored: Schema | null
  /** The whole output that `stored` is a field of; null where it is none. */
  readonly output: Schema | null
}

/** How a handle differs from one of a value that the workflow holds. */
type RefTraits = Partial<Pick<RefState, 'of' | 'stored' | 'output'>> & {
  /** The value is the output of a step: each field of it may stand in storage. */
  readonly storedFields?: boolean
}

const states = new WeakMap<object, RefState>()

/** What a handle stands for, or null where the value is no handle. */
export function refOf(candidate: unknown): RefState | null {
  return (typeof candidate === 'object' && candidate !== null && states.get(candidate)) || null
}

/** How a reference reads in a message: `fetch_list.objects[0]`, `params.userName`. */
export function refText({ source, path }: RefPath): string {
  const head =
    source.kind === 'task'
      ? source.task
      : source.kind === 'outcomes'
        ? `${source.task}.outcomes`
        : source.kind
  return path.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${key}`), head)
}

/**
 * Makes a handle. Fields are checked against the schema the moment they are read, and every use that would need the
 * value itself is refused there.
 */
export function makeRef<T>(
  owner: object,
  reference: RefPath,
  schema: Schema,
  { of = 'one', stored = null, output = null, storedFields = false }: RefTraits = {},
): Ref<T> {
  const state: RefState = { owner, ...reference, schema, of, stored: storedFields ? schema : stored, output }
  const children = new Map<string, unknown>()
  const refused = (mistake: Misuse): (() => never) => {
    const trap = (): never => refuse(mistake, state, trap)
    return trap
  }
  const handler: ProxyHandler<object> = {
    get: function get(_target, key) {
      if (typeof key === 'symbol') return symbolMember(key, state, get)
      const misuse = misuses[key]
      if (misuse) return refuse(misuse, state, get)
      const known = children.get(key)
      if (known !== undefined) return known
      const member = memberSchema(schema, key, state, get)
      const path = [...state.path, pathKey(key)]
      const child = makeRef(owner, { source: state.source, path }, member, {
        of,
        stored: storedFields ? member : stored,
        output: storedFields ? schema : output,
      })
      children.set(key, child)
      return child
    },
    ownKeys: refused(iterated),
    has: refused(iterated),
    set: refused(changed),
    defineProperty: refused(changed),
    deleteProperty: refused(changed),
  }
  const proxy = new Proxy(Object.freeze({}), handler)
  states.set(proxy, state)
  return proxy as Ref<T>
}

/** The trap that an author's line ran into; the line is the one that called it. */
type Entry = ((...args: never[]) => unknown) | undefined

interface Misuse {
  readonly code: 'DAG201' | 'DAG202' | 'DAG203' | 'DAG204' | 'DAG206'
  readonly what: string
  readonly hint: string
}

const passed = 'pass the reference itself as an input and do this inside the step'
const textual: Misuse = {
  code: 'DAG201',
  what: 'used as text or as a number',
  hint: 'write text`…${reference}…` for a text of it, or pass the reference itself and compute inside the step',
}
const serialised: Misuse = { code: 'DAG202', what: 'written as JSON', hint: passed }
const iterated: Misuse = {
  code: 'DAG203',
  what: 'iterated, spread or searched',
  hint: 'its items exist only while a run executes: pass the whole list to a step',
}
const awaited: Misuse = {
  code: 'DAG204',
  what: 'awaited',
  hint: 'a reference is not a promise: drop the await, passing it as an input is what waits',
}
const changed: Misuse = {
  code: 'DAG206',
  what: 'changed',
  hint: 'references are read-only: pass values as inputs',
}

const misuses: Readonly<Record<string, Misuse | undefined>> = Object.assign(Object.create(null), {
  then: awaited,
  toJSON: serialised,
  toString: textual,
  valueOf: textual,
})

function symbolMember(key: symbol, state: RefState, entry: Entry): unknown {
  if (key === Symbol.toPrimitive) return refuse(textual, state, entry)
  if (key === Symbol.iterator || key === Symbol.asyncIterator) return refuse(iterated, state, entry)
  if (key === Symbol.toStringTag) return `Ref ${refText(state)}`
  return undefined
}

function refuse(misuse: Misuse, state: RefState, entry: Entry): never {
  throw new DagError(misuse.code, `reference ${refText(state)} is ${misuse.what} while the DAG is declared`, {
    at: callerOf(entry ?? refuse),
    hint: misuse.hint,
  })
}

function memberSchema(schema: Schema, key: string, state: RefState, entry: Entry): Schema {
  const member = memberOf(schema, key)
  if (member.kind === 'known') return member.schema
  if (member.kind === 'open') return {}
  const at = callerOf(entry ?? memberSchema)
  throw new DagError('DAG205', `${refText(state)} has no field "${key}"`, {
    at: at && { ...at, name: key },
    hint: didYouMean(key, member.known, 'fields'),
  })
}

function pathKey(key: string): string | number {
  return /^(0|[1-9]\d*)$/.test(key) ? Number(key) : key
}
