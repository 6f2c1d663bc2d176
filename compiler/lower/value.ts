import type { InputValue, RefPath } from '../../dsl/index.ts'
import { bool, double, expr, int, list, map, nul, str, type Value } from './language.ts'
import { resultName } from '../names.ts'

/** Who reads a value: a step, which fetches what stands in storage, or the workflow itself. */
type Reader = 'step' | 'workflow'

/** An input as a value of the workflow, evaluated in `main`. */
export function lowerInput(value: InputValue, reader: Reader = 'step'): Value {
  switch (value.kind) {
    case 'literal':
      return lowerLiteral(value.value)
    case 'list':
      return list(value.items.map((item) => lowerInput(item, reader)))
    case 'map':
      return map(value.entries.map((entry) => [entry.key, lowerInput(entry.value, reader)] as const))
    case 'text':
      return expr(textExpression(value.parts))
    case 'ref':
      return reader === 'workflow' ? expr(readRef(value.ref)) : lowerRef(value.ref)
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
  if (source.kind === 'response') return readPath('response', path)
  if (source.kind !== 'task') throw new Error(`references to ${source.kind} are not compiled`)
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
function lowerRef({ source, path }: RefPath): Value {
  if (source.kind === 'run') return expr(`run.${runField(String(path[0]))}`)
  if (source.kind === 'params')
    return path.length === 0 ? expr('run.params') : lowerPath('run.params', [], path)
  if (source.kind !== 'task') throw new Error(`references to ${source.kind} are not compiled`)
  return lowerPath(resultName(source.task), ['output'], path)
}

/** The first field is read here; the rest is resolved by the step, since a large field is a pointer until then. */
function lowerPath(variable: string, prefix: readonly string[], path: readonly (string | number)[]): Value {
  const [field, ...rest] = path
  const keys = field === undefined ? prefix : [...prefix, String(field)]
  const [only] = keys
  const getter = keys.length === 1 ? quoted(only ?? '') : `[${keys.map(quoted).join(', ')}]`
  const value = expr(`map.get(${variable}, ${getter})`)
  if (rest.length === 0) return value
  const steps = rest.map((key) => (typeof key === 'number' ? int(key) : str(key)))
  return map({ $value: value, $path: list(steps) })
}

/** Names of run values in the workflow's `run` map. */
function runField(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** A string literal of the expression language. */
export function quoted(value: string): string {
  return JSON.stringify(value)
}
