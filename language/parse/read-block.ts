import type { Branch, ExceptBlock, Loop, ParallelBody, RetryPolicy, TryBody, Value } from '../syntax.ts'
import { readFields, type Fields } from './fields.ts'
import type { Problems } from './problems.ts'
import { readBlock, readSteps } from './read-step.ts'
import {
  readExpressionValue,
  readList,
  readSingleEntry,
  readText,
  readValue,
  readVariable,
} from './read-value.ts'
import { describeNode, type SourceNode } from './source-node.ts'

/** `for: {value, index, in | range, steps}`. https://cloud.google.com/workflows/docs/reference/syntax/iteration */
export function readLoop(node: SourceNode, what: string, problems: Problems): Loop | undefined {
  const fields = readFields(node, what, problems)
  if (fields === undefined) return undefined
  fields.refuseOthers(['value', 'index', 'in', 'range', 'steps'], what, problems)
  const valueNode = fields.require('value', what, problems)
  const value = valueNode && readVariable(valueNode, `"value" of ${what}`, problems)
  const indexNode = fields.get('index')
  const index = indexNode && readVariable(indexNode, `"index" of ${what}`, problems)
  const items = readLoopItems(fields, what, problems)
  const stepsNode = fields.require('steps', what, problems)
  const steps = stepsNode ? readSteps(stepsNode, `"steps" of ${what}`, problems) : []
  if (value === undefined || items === undefined) return undefined
  return { value, ...(index !== undefined && { index }), ...items, steps, position: node.position }
}

function readLoopItems(
  fields: Fields,
  what: string,
  problems: Problems,
): Pick<Loop, 'in' | 'range'> | undefined {
  const entry = fields.requireOne('in', 'range', what, problems)
  if (entry === undefined) return undefined
  const { key, value } = entry
  if (key === 'in') return { in: readListValue(value, `"in" of ${what}`, problems) }
  if (fields.has('index')) {
    problems.add('conflicting-keys', `"index" of ${what} goes with "in" only`, value.position)
  }
  return { range: readListValue(value, `"range" of ${what}`, problems) }
}

function readListValue(node: SourceNode, what: string, problems: Problems): Value {
  return node.kind === 'list' ? readValue(node, problems) : readExpressionValue(node, what, problems)
}

/** https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps */
export function readParallel(node: SourceNode, what: string, problems: Problems): ParallelBody | undefined {
  const fields = readFields(node, what, problems)
  if (fields === undefined) return undefined
  fields.refuseOthers(['exception_policy', 'shared', 'concurrency_limit', 'branches', 'for'], what, problems)
  const policyNode = fields.get('exception_policy')
  const policy = policyNode && readText(policyNode, `"exception_policy" of ${what}`, problems)
  if (policyNode !== undefined && policy !== undefined && policy !== 'continueAll') {
    problems.add('bad-value', `"exception_policy" of ${what} can only be continueAll`, policyNode.position)
  }
  const limitNode = fields.get('concurrency_limit')
  const limit = limitNode && readLimit(limitNode, what, problems)
  const shared = readShared(fields, what, problems)
  const work = readWork(fields, what, problems)
  return (
    work && {
      kind: 'parallel',
      ...(policy === 'continueAll' && { exceptionPolicy: policy }),
      shared,
      ...(limit && { concurrencyLimit: limit }),
      ...work,
    }
  )
}

function readLimit(node: SourceNode, what: string, problems: Problems): Value {
  const isCount = node.kind === 'scalar' && typeof node.value === 'bigint'
  if (!isCount) return readExpressionValue(node, `"concurrency_limit" of ${what}`, problems)
  if (typeof node.value === 'bigint' && node.value < 1n) {
    problems.add('bad-value', `"concurrency_limit" of ${what} must be positive`, node.position)
  }
  return readValue(node, problems)
}

function readShared(fields: Fields, what: string, problems: Problems): string[] {
  const node = fields.get('shared')
  if (node === undefined) return []
  if (node.kind !== 'list') {
    problems.add('wrong-type', `"shared" of ${what} must be a list, got ${describeNode(node)}`, node.position)
    return []
  }
  return node.items
    .map((item) => readVariable(item, `an entry of "shared" of ${what}`, problems))
    .filter((name) => name !== undefined)
}

function readWork(
  fields: Fields,
  what: string,
  problems: Problems,
): Pick<ParallelBody, 'branches' | 'loop'> | undefined {
  const entry = fields.requireOne('branches', 'for', what, problems)
  if (entry === undefined) return undefined
  if (entry.key === 'for') {
    const loop = readLoop(entry.value, `"for" of ${what}`, problems)
    return loop && { loop }
  }
  const items = readList(entry.value, `"branches" of ${what}`, problems) ?? []
  return {
    branches: items.map((item) => readBranch(item, problems)).filter((branch) => branch !== undefined),
  }
}

function readBranch(node: SourceNode, problems: Problems): Branch | undefined {
  const entry = readSingleEntry(node, 'a branch', problems)
  if (entry === undefined) return undefined
  const what = `branch "${entry.key}"`
  const fields = readFields(entry.value, what, problems)
  const stepsNode = fields?.require('steps', what, problems)
  fields?.refuseOthers(['steps'], what, problems)
  if (stepsNode === undefined) return undefined
  const steps = readSteps(stepsNode, `"steps" of ${what}`, problems)
  return { name: entry.key, steps, position: entry.keyNode.position }
}

/** https://cloud.google.com/workflows/docs/reference/syntax/catching-errors */
export function readTry(
  node: SourceNode,
  fields: Fields,
  what: string,
  problems: Problems,
): TryBody | undefined {
  const body = readBlock(node, `"try" of ${what}`, problems)
  const retryNode = fields.get('retry')
  const retry = retryNode && readRetry(retryNode, `"retry" of ${what}`, problems)
  const exceptNode = fields.get('except')
  const except = exceptNode && readExcept(exceptNode, `"except" of ${what}`, problems)
  if (retryNode === undefined && exceptNode === undefined) {
    problems.add('missing-key', `"try" of ${what} needs one of the keys: retry, except`, node.position)
  }
  return body && { kind: 'try', body, ...(retry && { retry }), ...(except && { except }) }
}

/** https://cloud.google.com/workflows/docs/reference/syntax/retrying */
function readRetry(node: SourceNode, what: string, problems: Problems): RetryPolicy | undefined {
  const { position } = node
  if (node.kind !== 'map')
    return { kind: 'policy', policy: readExpressionValue(node, what, problems), position }
  const fields = readFields(node, what, problems)
  fields?.refuseOthers(['predicate', 'max_retries', 'backoff'], what, problems)
  const predicate = fields?.get('predicate')
  const maxRetries = fields?.get('max_retries')
  const backoff = fields?.get('backoff')
  const backoffFields =
    backoff?.kind === 'map' ? readFields(backoff, `"backoff" of ${what}`, problems) : undefined
  backoffFields?.refuseOthers(['initial_delay', 'max_delay', 'multiplier'], `"backoff" of ${what}`, problems)
  const initialDelay = backoffFields?.get('initial_delay')
  const maxDelay = backoffFields?.get('max_delay')
  const multiplier = backoffFields?.get('multiplier')
  return {
    kind: 'retry',
    ...(predicate && { predicate: readExpressionValue(predicate, `"predicate" of ${what}`, problems) }),
    ...(maxRetries && { maxRetries: readNumber(maxRetries, `"max_retries" of ${what}`, problems) }),
    ...(backoff &&
      backoff.kind !== 'map' && { backoff: readExpressionValue(backoff, `"backoff" of ${what}`, problems) }),
    ...(initialDelay && { initialDelay: readNumber(initialDelay, '"initial_delay"', problems) }),
    ...(maxDelay && { maxDelay: readNumber(maxDelay, '"max_delay"', problems) }),
    ...(multiplier && { multiplier: readNumber(multiplier, '"multiplier"', problems) }),
    position,
  }
}

function readNumber(node: SourceNode, what: string, problems: Problems): Value {
  const isNumber =
    node.kind === 'scalar' && (typeof node.value === 'bigint' || typeof node.value === 'number')
  return isNumber ? readValue(node, problems) : readExpressionValue(node, what, problems)
}

function readExcept(node: SourceNode, what: string, problems: Problems): ExceptBlock | undefined {
  const fields = readFields(node, what, problems)
  const stepsNode = fields?.require('steps', what, problems)
  fields?.refuseOthers(['as', 'steps'], what, problems)
  const asNode = fields?.get('as')
  const as = asNode && readVariable(asNode, `"as" of ${what}`, problems)
  if (stepsNode === undefined) return undefined
  const steps = readSteps(stepsNode, `"steps" of ${what}`, problems)
  return { ...(as !== undefined && { as }), steps, position: node.position }
}
