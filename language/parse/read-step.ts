import { expressionSource } from '../expression-text.ts'
import type { Block, CallBody, ListValue, MapValue, Step, StepBody, SwitchCondition } from '../syntax.ts'
import { readFields, type Fields } from './fields.ts'
import type { Problems } from './problems.ts'
import { readLoop, readParallel, readTry } from './read-block.ts'
import { readAssignment, readList, readSingleEntry, readText, readValue, readVariable } from './read-value.ts'
import { describeNode, type SourceNode } from './source-node.ts'

/** The keys that may stand beside each primary key. https://cloud.google.com/workflows/docs/reference/syntax/steps */
const companions = {
  assign: ['next'],
  call: ['args', 'result', 'next'],
  switch: ['next'],
  for: ['next'],
  parallel: ['next'],
  try: ['retry', 'except', 'next'],
  steps: ['next'],
  raise: [],
  return: [],
} as const

type Primary = keyof typeof companions

function isPrimary(key: string): key is Primary {
  return Object.hasOwn(companions, key)
}

/** A list of at least one step. */
export function readSteps(node: SourceNode, what: string, problems: Problems): Step[] {
  const items = readList(node, what, problems) ?? []
  return items.map((item) => readStep(item, problems)).filter((step) => step !== undefined)
}

function readStep(node: SourceNode, problems: Problems): Step | undefined {
  const entry = readSingleEntry(node, 'a step', problems)
  if (entry === undefined) return undefined
  const { key: name, keyNode, value } = entry
  if (name === '' || expressionSource(name) !== undefined) {
    problems.add('bad-name', 'a step needs a literal name', keyNode.position)
    return undefined
  }
  const fields = readFields(value, `step "${name}"`, problems)
  const body = fields && readBody(fields, `step "${name}"`, [], problems)
  return body && { kind: 'step', name, body, position: keyNode.position }
}

/** The body of a step, of a switch entry or of a try; `own` are keys that belong to what surrounds it. */
function readBody(
  fields: Fields,
  what: string,
  own: readonly string[],
  problems: Problems,
): StepBody | undefined {
  const primaries = fields.keys.filter(isPrimary)
  const [primary, second] = primaries
  if (second !== undefined) {
    const position = fields.get(second)?.position ?? fields.node.position
    problems.add('conflicting-keys', `${what} can have only one of: ${primaries.join(', ')}`, position)
    return undefined
  }
  if (primary === undefined) return readNextBody(fields, what, own, problems)
  fields.refuseOthers([...own, primary, ...companions[primary]], `${what} with "${primary}"`, problems)
  return readPrimary(primary, fields, what, problems)
}

function readNextBody(
  fields: Fields,
  what: string,
  own: readonly string[],
  problems: Problems,
): StepBody | undefined {
  const known = [...own, 'next', 'args', 'result', 'retry', 'except']
  fields.refuseOthers(known, what, problems)
  for (const [key, needs] of [
    ['args', 'call'],
    ['result', 'call'],
    ['retry', 'try'],
    ['except', 'try'],
  ] as const) {
    if (fields.has(key)) fields.require(needs, `${what} with "${key}"`, problems)
  }
  const { next } = readNext(fields, what, problems)
  if (next !== undefined) return { kind: 'next', next }
  if (!fields.has('next')) problems.add('empty', `${what} does nothing`, fields.node.position)
  return undefined
}

function readNext(fields: Fields, what: string, problems: Problems): { next?: string } {
  const node = fields.get('next')
  const next = node && readText(node, `"next" of ${what}`, problems)
  return next === undefined ? {} : { next }
}

function readPrimary(
  primary: Primary,
  fields: Fields,
  what: string,
  problems: Problems,
): StepBody | undefined {
  const node = fields.get(primary) ?? fields.node
  const next = readNext(fields, what, problems)
  switch (primary) {
    case 'assign': {
      const items = readList(node, `"assign" of ${what}`, problems) ?? []
      const assignments = items
        .map((item) => readAssignment(item, problems))
        .filter((item) => item !== undefined)
      return { kind: 'assign', assignments, ...next }
    }
    case 'call':
      return readCall(node, fields, what, next, problems)
    case 'switch': {
      const items = readList(node, `"switch" of ${what}`, problems) ?? []
      const conditions = items
        .map((item) => readCondition(item, problems))
        .filter((item) => item !== undefined)
      return { kind: 'switch', conditions, ...next }
    }
    case 'for': {
      const loop = readLoop(node, `"for" of ${what}`, problems)
      return loop && { kind: 'for', loop, ...next }
    }
    case 'parallel': {
      const body = readParallel(node, `"parallel" of ${what}`, problems)
      return body && { ...body, ...next }
    }
    case 'try': {
      const body = readTry(node, fields, what, problems)
      return body && { ...body, ...next }
    }
    case 'steps':
      return { kind: 'steps', steps: readSteps(node, `"steps" of ${what}`, problems), ...next }
    case 'raise':
      return { kind: 'raise', value: readValue(node, problems) }
    case 'return':
      return { kind: 'return', value: readValue(node, problems) }
  }
}

function readCall(
  node: SourceNode,
  fields: Fields,
  what: string,
  next: { next?: string },
  problems: Problems,
): CallBody | undefined {
  const callee = readText(node, `"call" of ${what}`, problems)
  const argsNode = fields.get('args')
  const args = argsNode && readArgs(argsNode, what, problems)
  const resultNode = fields.get('result')
  const result = resultNode && readVariable(resultNode, `"result" of ${what}`, problems)
  if (callee === undefined) return undefined
  return {
    kind: 'call',
    callee,
    ...(args !== undefined && { args }),
    ...(result !== undefined && { result }),
    ...next,
  }
}

function readArgs(node: SourceNode, what: string, problems: Problems): MapValue | ListValue | undefined {
  const value = readValue(node, problems)
  if (value.kind === 'map' || value.kind === 'list') return value
  // A bare `args:` is what remains when the last argument is deleted.
  if (node.kind === 'scalar' && node.value === null) return undefined
  problems.add(
    'wrong-type',
    `"args" of ${what} must be a map or a list, got ${describeNode(node)}`,
    node.position,
  )
  return undefined
}

function readCondition(node: SourceNode, problems: Problems): SwitchCondition | undefined {
  const what = 'an entry of a switch'
  const fields = readFields(node, what, problems)
  const conditionNode = fields?.require('condition', what, problems)
  if (fields === undefined || conditionNode === undefined) return undefined
  const condition = readValue(conditionNode, problems)
  const isText = conditionNode.kind === 'scalar' && typeof conditionNode.value === 'string'
  if (
    condition.kind !== 'boolean' &&
    condition.kind !== 'expression' &&
    !(isText && condition.kind === 'null')
  ) {
    const got = describeNode(conditionNode)
    problems.add(
      'wrong-type',
      `"condition" must be an expression or a boolean, got ${got}`,
      conditionNode.position,
    )
  }
  const body = readBody(fields, what, ['condition'], problems)
  return body && { condition, body, position: node.position }
}

/** What stands under `try`: one inline body, `steps:`, or a bare list of steps, which the public schema allows. */
export function readBlock(node: SourceNode, what: string, problems: Problems): Block | undefined {
  if (node.kind === 'list') return { kind: 'steps', steps: readSteps(node, what, problems) }
  const fields = readFields(node, what, problems)
  const body = fields && readBody(fields, what, [], problems)
  if (body?.kind !== 'next') return body
  problems.add('empty', `${what} does nothing`, node.position)
  return undefined
}
