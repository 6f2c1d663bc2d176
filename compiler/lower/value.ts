import type { InputValue, RefPath } from '../../dsl/index.ts'
import { bool, double, expr, int, list, map, nul, str, type Value } from './language.ts'
import { resultName } from '../names.ts'

/** Who reads a value: a step, which fetches what stands in storage, or the workflow itself. */
type Reader = 'step' | 'workflow'

/** Whether a task is repeated where it is referred to from: its references then are lists of what all instances give. */
export type IsRepeated = (task: string) => boolean

const never: IsRepeated = () => false

/** An input as a value of the workflow, evaluated where the results of tasks are: in `main`, or in a mapped group. */
export function lowerInput(value: InputValue, reader: Reader = 'step', isRepeated = never): Value {
  switch (value.kind) {
    case 'literal':
      return lowerLiteral(value.value)
    case 'list':
      return list(value.items.map((item) => lowerInput(item, reader, isRepeated)))
    case 'map':
      return map(
        value.entries.map((entry) => [entry.key, lowerInput(entry.value, reader, isRepeated)] as const),
      )
    case 'text':
      return expr(textExpression(value.parts))
    case 'ref':
      return reader === 'workflow' ? expr(readRef(value.ref)) : lowerRef(value.ref, isRepeated)
  }
}

/** Parts joined to one text. It begins with a text, so that numbers are joined to it, too; null would raise. */
function textExpression(parts: readonly InputValue[]): string {
  const texts = parts.map((part) => {
    if (part.kind === 'ref') return `default(${readRef(part.ref)}, "")`
    return quoted(part.kind === 'literal' ? String(part.value) : '')
  })
  return (texts[0]?.startsWith('"') ? texts : ['""', ...texts]).join(' + ')
}

/** An expression that reads a value whole; null where it is not there. What stands in storage is refused by the DSL. */
export function readRef({ source, path }: RefPath): string {
  if (source.kind === 'run') return `run.${runField(String(path[0]))}`
  if (source.kind === 'params') return readPath('run.params', path)
  if (source.kind === 'response' || source.kind === 'item') return readPath(source.kind, path)
  if (source.kind === 'outcomes')
    throw new Error('the workflow does not read outcomes: they stand in storage')
  return readPath(resultName(source.task), ['output', ...path])
}

/** `map.get` goes through maps only: from the first index on, a helper does. */
function readPath(variable: string, path: readonly (string | number)[]): string {
  const index = path.findIndex((key) => typeof key === 'number')
  const names = path.slice(0, index === -1 ? path.length : index).map((key) => quoted(String(key)))
  const getter = names.length === 1 ? names[0] : `[${names.join(', ')}]`
  const value = names.length === 0 ? variable : `map.get(${variable}, ${getter})`
  return index === -1 ? value : `value_at(${value}, ${JSON.stringify(path.slice(index))})`
}

function lowerLiteral(value: null | boolean | number | string): Value {
  if (value === null) return nul
  if (typeof value === 'boolean') return bool(value)
  if (typeof value === 'string') return text(value)
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? int(value) : double(value)
}

/** Text that would read as an expression is written as one that gives that text. */
function text(value: string): Value {
  const trimmed = value.trim()
  if (!(trimmed.startsWith('${') && trimmed.endsWith('}'))) return str(value)
  const split = value.indexOf('$') + 1
  return expr(`${quoted(value.slice(0, split))} + ${quoted(value.slice(split))}`)
}

/** A reference; docs/architecture.md, "References". `map.get` gives null where a member expression would raise. */
function lowerRef({ source, path }: RefPath, isRepeated: IsRepeated): Value {
  if (source.kind === 'run') return expr(`run.${runField(String(path[0]))}`)
  if (source.kind === 'params')
    return path.length === 0 ? expr('run.params') : lowerPath('run.params', [], path)
  if (source.kind === 'outcomes') return selected(instances(source.task, 'outcomes'), path)
  if (source.kind === 'item') return selected(expr('item'), path)
  if (source.kind === 'response') throw new Error('a response is read where it is tested')
  if (isRepeated(source.task)) return selected(instances(source.task, 'outputs'), path)
  return lowerPath(resultName(source.task), ['output'], path)
}

/** The first field is read here; the rest is resolved by the step, since a large field is a pointer until then. */
function lowerPath(variable: string, prefix: readonly string[], path: readonly (string | number)[]): Value {
  const [field, ...rest] = path
  const keys = field === undefined ? prefix : [...prefix, String(field)]
  const [only] = keys
  const getter = keys.length === 1 ? quoted(only ?? '') : `[${keys.map(quoted).join(', ')}]`
  return selected(expr(`map.get(${variable}, ${getter})`), rest)
}

/** What a step finds at a path within a value, once it has resolved the value. */
function selected(value: Value, path: readonly (string | number)[]): Value {
  if (path.length === 0) return value
  const steps = path.map((key) => (typeof key === 'number' ? int(key) : str(key)))
  return map({ $value: value, $path: list(steps) })
}

/** What the instances of a repeated task left in storage, which a step reads; the workflow knows how many there are. */
function instances(task: string, as: 'outputs' | 'outcomes'): Value {
  return map({
    $map: expr(`"gs://" + run.bucket + "/" + run.prefix + ${quoted(`${task}/`)}`),
    $count: expr(`default(map.get(${resultName(task)}, "count"), 0)`),
    $as: str(as),
  })
}

/** Names of run values in the workflow's `run` map. */
function runField(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** A string literal of the expression language. */
export function quoted(value: string): string {
  return JSON.stringify(value)
}
