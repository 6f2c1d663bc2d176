import { fitsOneLine, flowList, listNode, mapNode, nameNode, valueNode } from './print-value.ts'
import type {
  Block,
  ExceptBlock,
  Loop,
  ParallelBody,
  RetryPolicy,
  Step,
  StepBody,
  SwitchCondition,
  Value,
} from './syntax.ts'
import type { ListNode, MapNode, YamlNode } from './yaml-node.ts'

type Entries = (readonly [string, YamlNode])[]

/** YAML nodes of a list of steps, with their comments. */
export function stepsNode(steps: readonly Step[]): ListNode {
  return listNode(
    steps.map((step) => {
      const node = mapNode([[step.name, stepNode(step.body)]])
      return step.comment === undefined ? node : { ...node, comment: commentText(step.comment) }
    }),
  )
}

/** A comment's lines, of whatever kind their ends are, without what no line may hold. */
export function commentText(comment: string): string {
  return comment
    .split(/\r\n|[\n\r\u0085\u2028\u2029]/)
    .map((line) => line.replace(/[\p{Cc}\p{Cs}\ufeff]/gu, ' ').trimEnd())
    .join('\n')
}

/** A list of names on one line: `[a, b]`. */
function namesNode(names: readonly string[]): ListNode {
  return flowList(names.map(nameNode))
}

/** What may be assigned on one line; more reads better below each other. */
const mostAssignments = 2

/** A short step stands on one line, if it does one thing: calls, assigns, returns, asks one question. */
function stepNode(body: StepBody): MapNode {
  const node = bodyNode(body)
  return isOneThing(body) ? shortened(node) : node
}

/** On one line, if that is short. */
function shortened(node: MapNode): MapNode {
  const flow = flowMap(node)
  return fitsOneLine(flow.entries.flatMap(({ key, value }) => [key, value])) ? flow : node
}

function isOneThing(body: StepBody): boolean {
  switch (body.kind) {
    case 'call':
    case 'return':
    case 'raise':
    case 'next':
      return true
    case 'assign':
      return body.assignments.length <= mostAssignments
    case 'switch':
      return (
        body.conditions.length === 1 &&
        body.conditions.every((entry) => entry.body.kind !== 'switch' && isOneThing(entry.body))
      )
    default:
      return false
  }
}

/** The same on one line, with the short lists that stand in it. */
function flowMap(node: MapNode): MapNode {
  const entries = node.entries.map(({ key, value }) => ({ key, value: flowOfFew(value) }))
  return { ...node, entries, flow: true }
}

function flowOfFew(value: YamlNode): YamlNode {
  if (value.kind !== 'list' || value.flow || value.items.length > mostAssignments) return value
  return flowList(value.items.map((item) => (item.kind === 'map' ? flowMap(item) : item)))
}

function bodyNode(body: StepBody): MapNode {
  return mapNode(bodyEntries(body))
}

function bodyEntries(body: StepBody): Entries {
  const entries = primaryEntries(body)
  if (body.kind !== 'raise' && body.kind !== 'return' && body.next !== undefined) {
    entries.push(['next', nameNode(body.next)])
  }
  return entries
}

function primaryEntries(body: StepBody): Entries {
  switch (body.kind) {
    case 'assign': {
      const items = body.assignments.map((item) => mapNode([[item.target.source, valueNode(item.value)]]))
      return [['assign', listNode(items)]]
    }
    case 'call':
      return [
        ['call', nameNode(body.callee)],
        ...optional('args', body.args),
        ...(body.result === undefined ? [] : [['result', nameNode(body.result)] as const]),
      ]
    case 'switch': {
      return [['switch', listNode(body.conditions.map(conditionNode))]]
    }
    case 'for':
      return [['for', loopNode(body.loop)]]
    case 'parallel':
      return [['parallel', parallelNode(body)]]
    case 'try':
      return [
        ['try', blockNode(body.body)],
        ...(body.retry === undefined ? [] : [['retry', retryNode(body.retry)] as const]),
        ...(body.except === undefined ? [] : [['except', exceptNode(body.except)] as const]),
      ]
    case 'raise':
      return [['raise', valueNode(body.value)]]
    case 'return':
      return [['return', valueNode(body.value)]]
    case 'steps':
      return [['steps', stepsNode(body.steps)]]
    case 'next':
      return []
  }
}

/** A test and what it leads to, on one line like a short step. */
function conditionNode({ condition, body }: SwitchCondition): MapNode {
  const node = mapNode([['condition', valueNode(condition)], ...bodyEntries(body)])
  return isOneThing(body) ? shortened(node) : node
}

function blockNode(block: Block): MapNode {
  return bodyNode(block)
}

function loopNode(loop: Loop): MapNode {
  return mapNode([
    ['value', nameNode(loop.value)],
    ...(loop.index === undefined ? [] : [['index', nameNode(loop.index)] as const]),
    ...optional('in', loop.in),
    ...optional('range', loop.range),
    ['steps', stepsNode(loop.steps)],
  ])
}

function parallelNode(body: ParallelBody): MapNode {
  const entries: Entries = []
  if (body.exceptionPolicy !== undefined) entries.push(['exception_policy', nameNode(body.exceptionPolicy)])
  if (body.shared.length > 0) entries.push(['shared', namesNode(body.shared)])
  entries.push(...optional('concurrency_limit', body.concurrencyLimit))
  if (body.branches !== undefined) {
    const branches = body.branches.map((branch) => mapNode([[branch.name, blockOf([], branch.steps)]]))
    entries.push(['branches', listNode(branches)])
  }
  if (body.loop !== undefined) entries.push(['for', loopNode(body.loop)])
  return mapNode(entries)
}

function retryNode(retry: RetryPolicy): YamlNode {
  if (retry.kind === 'policy') return valueNode(retry.policy)
  const backoff: Entries = [
    ...optional('initial_delay', retry.initialDelay),
    ...optional('max_delay', retry.maxDelay),
    ...optional('multiplier', retry.multiplier),
  ]
  return mapNode([
    ...optional('predicate', retry.predicate),
    ...optional('max_retries', retry.maxRetries),
    ...optional('backoff', retry.backoff),
    ...(backoff.length === 0 ? [] : [['backoff', shortened(mapNode(backoff))] as const]),
  ])
}

function exceptNode(except: ExceptBlock): MapNode {
  return blockOf(except.as === undefined ? [] : [['as', nameNode(except.as)]], except.steps)
}

/** What handles an error and a branch stand on one line where they are one short step. */
function blockOf(before: Entries, steps: readonly Step[]): MapNode {
  const nodes = stepsNode(steps)
  const node = mapNode([...before, ['steps', nodes]])
  const [only, ...others] = nodes.items
  if (only?.kind !== 'map' || others.length > 0 || only.comment !== undefined) return node
  const [step] = only.entries
  if (step?.value.kind !== 'map' || !step.value.flow) return node
  const line = mapNode([...before, ['steps', flowList([{ ...only, flow: true }])]])
  return fitsOneLine(line.entries.flatMap(({ key, value }) => [key, value])) ? { ...line, flow: true } : node
}

function optional(key: string, value: Value | undefined): Entries {
  return value === undefined ? [] : [[key, valueNode(value)]]
}
