import { BOOLEAN, VARCHAR } from '@duckdb/node-api'
import { native, type NativeFunction, need } from './define.ts'

/** A JSON document as a tree whose numbers keep their text. */
type Tree = string | Tree[] | Map<string, Tree>

const token = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+)/y

function read(text: string): Tree {
  let at = 0
  const next = (): string => {
    token.lastIndex = at
    const match = token.exec(text)!
    at = token.lastIndex
    return match[1]!
  }
  const value = (first: string): Tree => {
    if (first === '[') {
      const items: Tree[] = []
      for (let item = next(); item !== ']'; item = next()) if (item !== ',') items.push(value(item))
      return items
    }
    if (first !== '{') return first
    const members = new Map<string, Tree>()
    for (let key = next(); key !== '}'; key = next()) {
      if (key === ',') continue
      next()
      members.set(JSON.parse(key) as string, value(next()))
    }
    return members
  }
  return value(next())
}

function write(tree: Tree): string {
  if (typeof tree === 'string') return tree
  if (Array.isArray(tree)) return `[${tree.map(write).join(',')}]`
  const members = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(',')}}`
}

type Step = string | number

/** `$.a[0]."b c"` as steps. */
export function pathSteps(path: string): Step[] {
  const bad = (): Error => new Error(`Invalid JSONPath: ${path}`)
  if (!path.startsWith('$')) throw bad()
  const steps: Step[] = []
  let rest = path.slice(1)
  while (rest !== '') {
    const match =
      /^(?:\.([A-Za-z_\u0080-\uffff$@][\w\u0080-\uffff$@:-]*|\d+)|\."((?:[^"\\]|\\.)*)"|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\])/.exec(
        rest,
      )
    if (!match) throw bad()
    steps.push(
      match[3] === undefined ? (match[1] ?? match[2] ?? match[4]!).replace(/\\(.)/g, '$1') : Number(match[3]),
    )
    rest = rest.slice(match[0].length)
  }
  return steps
}

function isNull(tree: Tree | undefined): boolean {
  return tree === undefined || tree === 'null'
}

/** The tree with the value at a path changed by `change`; what is not there is made where `create` says so. */
function edit(
  tree: Tree | undefined,
  steps: readonly Step[],
  create: boolean,
  change: (old: Tree | undefined) => Tree,
): Tree | undefined {
  const [step, ...rest] = steps
  if (step === undefined) return change(tree)
  if (typeof step === 'number') {
    if (!Array.isArray(tree) && !(create && isNull(tree))) return tree
    const items = Array.isArray(tree) ? [...tree] : []
    if (step >= items.length && !create) return tree
    const inner = edit(items[step], rest, create, change)
    if (inner === undefined) return tree
    while (items.length < step) items.push('null')
    items[step] = inner
    return items
  }
  if (!(tree instanceof Map) && !(create && isNull(tree))) return tree
  const members = new Map(tree instanceof Map ? tree : [])
  if (!members.has(step) && !create) return tree
  const inner = edit(members.get(step), rest, create, change)
  if (inner === undefined) return tree
  members.set(step, inner)
  return members
}

/** JSON_SET: one path. Where the path meets a scalar, nothing changes. */
function set(document: string, path: string, value: string, create: boolean): string {
  return write(edit(read(document), pathSteps(path), create, () => read(value)) ?? 'null')
}

function remove(document: string, path: string): string {
  const steps = pathSteps(path)
  if (steps.length === 0) return need<string>(null, 'The JSONPath cannot be "$"')
  const last = steps.at(-1)!
  const changed = edit(read(document), steps.slice(0, -1), false, (old) => {
    if (typeof last === 'number' && Array.isArray(old)) return old.filter((_, i) => i !== last)
    if (typeof last === 'string' && old instanceof Map)
      return new Map([...old].filter(([key]) => key !== last))
    return old ?? 'null'
  })
  return write(changed ?? 'null')
}

/** JSON_ARRAY_APPEND and _INSERT of one value, or of each element of an array. */
function insert(document: string, path: string, value: string, each: boolean, append: boolean): string {
  const item = read(value)
  const items = each && Array.isArray(item) ? item : [item]
  const steps = pathSteps(path)
  const last = steps.at(-1)
  if (append)
    return write(
      edit(read(document), steps, false, (old) =>
        Array.isArray(old) ? [...old, ...items] : old === 'null' ? items : (old ?? 'null'),
      ) ?? 'null',
    )
  if (typeof last !== 'number') return document
  const changed = edit(read(document), steps.slice(0, -1), false, (old) => {
    if (!Array.isArray(old) && old !== 'null') return old ?? 'null'
    const list = Array.isArray(old) ? [...old] : []
    while (list.length < last) list.push('null')
    return [...list.slice(0, last), ...items, ...list.slice(last)]
  })
  return write(changed ?? 'null')
}

/** JSON_STRIP_NULLS; undefined where nothing is left. */
function strip(tree: Tree, arrays: boolean, empty: boolean): Tree | undefined {
  if (tree === 'null') return undefined
  if (Array.isArray(tree)) {
    const items = tree.map((item) => strip(item, arrays, empty))
    const kept = arrays
      ? items.filter((item): item is Tree => item !== undefined)
      : items.map((item) => item ?? 'null')
    const nothing = empty && kept.every((item) => item === 'null')
    return nothing ? undefined : kept
  }
  if (!(tree instanceof Map)) return tree
  const members = [...tree].flatMap(([key, value]): [string, Tree][] => {
    const inner = strip(value, arrays, empty)
    return inner === undefined ? [] : [[key, inner]]
  })
  return empty && members.length === 0 ? undefined : new Map(members)
}

function stripAt(document: string, path: string, arrays: boolean, empty: boolean): string {
  const changed = edit(
    read(document),
    pathSteps(path),
    false,
    (old) => strip(old ?? 'null', arrays, empty) ?? 'null',
  )
  return write(changed ?? 'null')
}

export const jsonEditFunctions: readonly NativeFunction[] = [
  native('bq_json_set', [VARCHAR, VARCHAR, VARCHAR, BOOLEAN], VARCHAR, set),
  native('bq_json_remove', [VARCHAR, VARCHAR], VARCHAR, remove),
  native('bq_json_insert', [VARCHAR, VARCHAR, VARCHAR, BOOLEAN, BOOLEAN], VARCHAR, insert),
  native('bq_json_strip', [VARCHAR, VARCHAR, BOOLEAN, BOOLEAN], VARCHAR, stripAt),
]
