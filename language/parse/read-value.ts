import { expressionSource } from '../expression-text.ts'
import { parseExpression } from '../expression/parse.ts'
import { isVariableName } from '../expression/precedence.ts'
import { ExpressionSyntaxError } from '../expression/syntax-error.ts'
import type { Assignment, AssignmentTarget, ExpressionValue, MapEntry, Value } from '../syntax.ts'
import { parseTarget } from '../target.ts'
import { positionWithin } from './position-within.ts'
import type { Problems } from './problems.ts'
import {
  describeNode,
  scalarText,
  type SourceEntry,
  type SourceNode,
  type SourceScalar,
} from './source-node.ts'

/** A value with expressions at any depth; a malformed expression is reported and read as null. */
export function readValue(node: SourceNode, problems: Problems): Value {
  switch (node.kind) {
    case 'list':
      return { kind: 'list', items: node.items.map((item) => readValue(item, problems)) }
    case 'map':
      return { kind: 'map', entries: node.entries.map((entry) => readEntry(entry, problems)) }
    case 'scalar':
      return readScalar(node, problems)
  }
}

function readEntry(entry: SourceEntry, problems: Problems): MapEntry {
  const value = readValue(entry.value, problems)
  const computed = typeof entry.keyNode.value === 'string' ? expressionSource(entry.keyNode.value) : undefined
  if (computed === undefined) return { key: entry.key, value }
  return { key: readExpression(entry.keyNode, computed, problems) ?? entry.key, value }
}

function readScalar(node: SourceScalar, problems: Problems): Value {
  const { value } = node
  if (value === null) return { kind: 'null' }
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean', value }
    case 'bigint':
      return { kind: 'integer', value }
    case 'number':
      return { kind: 'double', value }
    case 'string': {
      const source = expressionSource(value)
      if (source === undefined) return { kind: 'string', value }
      return readExpression(node, source, problems) ?? { kind: 'null' }
    }
  }
}

function readExpression(node: SourceScalar, source: string, problems: Problems): ExpressionValue | undefined {
  const start = scalarText(node).indexOf('${') + 2
  const expression = attempt(() => parseExpression(source), node, start, 'expression', problems)
  return expression && { kind: 'expression', expression, source, position: node.position }
}

function attempt<T>(
  parse: () => T,
  node: SourceScalar,
  start: number,
  what: string,
  problems: Problems,
): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error
    problems.add(
      'bad-expression',
      `malformed ${what}: ${error.message}`,
      positionWithin(node, start + error.offset),
    )
    return undefined
  }
}

/** `- target: value`, one item of an assign step. */
export function readAssignment(node: SourceNode, problems: Problems): Assignment | undefined {
  const entry = readSingleEntry(node, 'an assignment', problems)
  if (entry === undefined) return undefined
  const value = readValue(entry.value, problems)
  const target = readTarget(entry.keyNode, problems)
  return target && { target, value, position: entry.keyNode.position }
}

function readTarget(node: SourceScalar, problems: Problems): AssignmentTarget | undefined {
  const source = scalarText(node)
  return attempt(() => parseTarget(source), node, 0, 'assignment target', problems)
}

/** The one entry of a map such as `- name: …`; reports anything else. */
export function readSingleEntry(node: SourceNode, what: string, problems: Problems): SourceEntry | undefined {
  if (node.kind !== 'map') {
    problems.add('wrong-type', `${what} must be a map with one key, got ${describeNode(node)}`, node.position)
    return undefined
  }
  const [entry, second] = node.entries
  if (entry === undefined) {
    problems.add('empty', `${what} must be a map with one key, got an empty map`, node.position)
    return undefined
  }
  if (second !== undefined) {
    const keys = node.entries.map(({ key }) => key).join(', ')
    problems.add(
      'conflicting-keys',
      `${what} must be a map with one key, got ${keys}`,
      second.keyNode.position,
    )
  }
  return entry
}

/** A list of at least one item; reports anything else. */
export function readList(
  node: SourceNode,
  what: string,
  problems: Problems,
): readonly SourceNode[] | undefined {
  if (node.kind !== 'list') {
    problems.add('wrong-type', `${what} must be a list, got ${describeNode(node)}`, node.position)
    return undefined
  }
  if (node.items.length === 0) {
    problems.add('empty', `${what} must not be empty`, node.position)
    return undefined
  }
  return node.items
}

/** The name of a variable; reports anything else. */
export function readVariable(node: SourceNode, what: string, problems: Problems): string | undefined {
  const text = readText(node, what, problems)
  if (text === undefined || isVariableName(text)) return text
  problems.add('bad-name', `${what} must be the name of a variable, got "${text}"`, node.position)
  return undefined
}

/** Text that is no expression and not empty; reports anything else. */
export function readText(node: SourceNode, what: string, problems: Problems): string | undefined {
  if (node.kind !== 'scalar' || node.value === null) {
    problems.add('wrong-type', `${what} must be a string, got ${describeNode(node)}`, node.position)
    return undefined
  }
  const text = scalarText(node)
  if (text === '' || expressionSource(text) !== undefined) {
    const got = text === '' ? 'an empty string' : 'an expression'
    problems.add('bad-value', `${what} must be a literal name, got ${got}`, node.position)
    return undefined
  }
  return text
}

/** An expression, not a literal; reports anything else. */
export function readExpressionValue(node: SourceNode, what: string, problems: Problems): Value {
  const value = readValue(node, problems)
  const isText =
    node.kind === 'scalar' && typeof node.value === 'string' && expressionSource(node.value) !== undefined
  if (!isText)
    problems.add('wrong-type', `${what} must be an expression, got ${describeNode(node)}`, node.position)
  return value
}

/** True when any expression stands in the value. */
export function hasExpression(value: Value): boolean {
  if (value.kind === 'list') return value.items.some(hasExpression)
  if (value.kind === 'map') {
    return value.entries.some((entry) => typeof entry.key !== 'string' || hasExpression(entry.value))
  }
  return value.kind === 'expression'
}
