import type { Block, Step, StepBody, Value, WorkflowDocument } from '../../language/tree.ts'
import type { Expression } from '../../language/expression/syntax.ts'

/** Steps that a run takes when all goes well at the first try, polls left aside. */
export interface PlainSteps {
  readonly total: number
  /** By subworkflow: steps of one call, those that it calls included. */
  readonly routines: ReadonlyMap<string, number>
  /** What stands in `main` itself, outside of what it calls. */
  readonly main: number
}

/** Switches whose first condition holds when all goes well; of all others none does. */
const usual = new Set([
  'add',
  'all_well',
  'choose',
  'has_it_ended',
  'is_it_an_answer',
  'is_it_there',
  'is_text',
  'look_at_body',
  'look_at_shape',
  'look_at_value',
  'pick_field',
  'restore_metadata',
])

/** How a list of steps was left: on to what follows it, out of its routine, or to a step further out. */
type Exit = { readonly kind: 'on' | 'return' } | { readonly kind: 'jump'; readonly to: string }

interface Walked {
  readonly count: number
  readonly exit: Exit
}

const on: Exit = { kind: 'on' }

/**
 * Follows a workflow along the way on which nothing fails, nothing is skipped and every list that a run computes has one
 * item. Every named step counts, also those that only hold others. https://cloud.google.com/workflows/pricing
 */
export function plainSteps(document: WorkflowDocument): PlainSteps {
  const { total, routines } = countAlong(document, 1, () => 0)
  const main = walkSteps(stepsOf(document, 'main'), { step: 1, assignment: 0, ofCall: () => 0 }).count
  return { total, routines, main }
}

/**
 * Steps as they are billed: each assignment is one, also of several in one step.
 * https://cloud.google.com/workflows/pricing
 */
export function billedSteps(document: WorkflowDocument): number {
  return countAlong(document, 1, () => 0, 1).total
}

/** How often connectors and functions are called along that way; by step, not within expressions. */
export function plainCalls(document: WorkflowDocument, isMeant: (callee: string) => boolean): number {
  return countAlong(document, 0, (callee) => (isMeant(callee) ? 1 : 0)).total
}

function countAlong(
  document: WorkflowDocument,
  step: number,
  ofOther: (callee: string) => number,
  assignment = 0,
) {
  const bodies = new Map(document.subworkflows.map(({ name, steps }) => [name, steps]))
  const routines = new Map<string, number>()
  const ofRoutine = (name: string): number => {
    const before = routines.get(name)
    if (before !== undefined) return before
    // Subworkflows do not call themselves; one that did would be counted once.
    routines.set(name, 0)
    const { count } = walkSteps(bodies.get(name) ?? [], counter)
    routines.set(name, count)
    return count
  }
  const counter: Counter = {
    step,
    assignment,
    ofCall: (callee) => (bodies.has(callee) ? ofRoutine(callee) : ofOther(callee)),
  }
  return { total: ofRoutine('main'), routines }
}

function stepsOf(document: WorkflowDocument, name: string): readonly Step[] {
  return document.subworkflows.find((subworkflow) => subworkflow.name === name)?.steps ?? []
}

interface Counter {
  /** What a step itself counts. */
  readonly step: number
  /** What an assignment besides the first one of its step counts. */
  readonly assignment: number
  readonly ofCall: (callee: string) => number
}

function walkSteps(list: readonly Step[], counter: Counter): Walked {
  let count = 0
  const turns = new Set<number>()
  for (let index = 0; index < list.length;) {
    const step = list[index]
    if (step === undefined || turns.has(index)) break
    turns.add(index)
    const walked = walkBody(step.name, step.body, counter)
    count += counter.step + walked.count
    const { exit } = walked
    if (exit.kind === 'return') return { count, exit }
    if (exit.kind === 'jump') {
      const target = list.findIndex(({ name }) => name === exit.to)
      if (target < 0) return { count, exit }
      index = target
    } else index += 1
  }
  return { count, exit: on }
}

/** What a step takes besides itself. */
function walkBody(name: string, body: StepBody | Block, counter: Counter): Walked {
  const inner = innerOf(name, body, counter)
  if (inner.exit.kind !== 'on' || !('next' in body) || body.next === undefined) return inner
  return { count: inner.count, exit: { kind: 'jump', to: body.next } }
}

function innerOf(name: string, body: StepBody | Block, counter: Counter): Walked {
  const calls = (...values: readonly (Value | undefined)[]) =>
    values.reduce((sum, value) => sum + (value ? callsIn(value, counter.ofCall) : 0), 0)
  switch (body.kind) {
    case 'assign': {
      const others = (body.assignments.length - 1) * counter.assignment
      return { count: others + calls(...body.assignments.map(({ value }) => value)), exit: on }
    }
    case 'call':
      return { count: calls(body.args) + counter.ofCall(body.callee), exit: on }
    case 'switch': {
      const tested = usual.has(name) ? body.conditions.slice(0, 1) : body.conditions
      const tests = calls(...tested.map(({ condition }) => condition))
      const taken = body.conditions.find(({ condition }) => usual.has(name) || holds(condition))
      if (taken === undefined) return { count: tests, exit: on }
      const walked = walkBlock(name, taken.body, counter)
      return { count: tests + walked.count, exit: walked.exit }
    }
    case 'for':
      if (isEmptyList(body.loop.in)) return { count: 0, exit: on }
      return ofLoop(body.loop.steps, calls(body.loop.in, body.loop.range), counter)
    case 'parallel': {
      if (body.loop) return ofLoop(body.loop.steps, calls(body.loop.in, body.loop.range), counter)
      const branches = (body.branches ?? []).map((branch) => walkSteps(branch.steps, counter).count)
      return { count: branches.reduce((sum, count) => sum + count, 0), exit: on }
    }
    case 'try':
      return walkBlock(name, body.body, counter)
    case 'raise':
    case 'return':
      return { count: calls(body.value), exit: { kind: 'return' } }
    case 'steps':
      return walkSteps(body.steps, counter)
    case 'next':
      return { count: 0, exit: { kind: 'jump', to: body.next } }
  }
}

/** A body that stands where steps could is a step too, unless it only holds steps or goes elsewhere. */
function walkBlock(name: string, body: Block | StepBody, counter: Counter): Walked {
  const walked = walkBody(name, body, counter)
  return body.kind === 'steps' || body.kind === 'next'
    ? walked
    : { ...walked, count: walked.count + counter.step }
}

/** One turn; a jump out of it ends the loop. */
function ofLoop(list: readonly Step[], calls: number, counter: Counter): Walked {
  const { count, exit } = walkSteps(list, counter)
  const leaves = exit.kind === 'return' || (exit.kind === 'jump' && !['break', 'continue'].includes(exit.to))
  return { count: calls + count, exit: leaves ? exit : on }
}

/** Nothing failed. */
function isEmptyList(list: Value | undefined): boolean {
  return list?.kind === 'expression' && list.source === 'ids'
}

/** A condition that asks whether all went well, or nothing. */
function holds(condition: Value): boolean {
  if (condition.kind === 'boolean') return condition.value
  if (condition.kind !== 'expression') return false
  const { expression, source } = condition
  return (expression.kind === 'literal' && expression.value === true) || source.endsWith(' == "success"')
}

type CallSteps = (callee: string) => number

/** Steps of the subworkflows that a value calls. */
export function callsIn(value: Value, ofCall: CallSteps): number {
  switch (value.kind) {
    case 'expression':
      return callsOf(value.expression, ofCall)
    case 'list':
      return value.items.reduce((sum, item) => sum + callsIn(item, ofCall), 0)
    case 'map':
      return value.entries.reduce((sum, entry) => sum + callsIn(entry.value, ofCall), 0)
    default:
      return 0
  }
}

function callsOf(expression: Expression, ofCall: CallSteps): number {
  const all = (parts: readonly Expression[]) => parts.reduce((sum, part) => sum + callsOf(part, ofCall), 0)
  switch (expression.kind) {
    case 'call':
      return all(expression.args) + (expression.callee.kind === 'name' ? ofCall(expression.callee.name) : 0)
    case 'list':
      return all(expression.items)
    case 'member':
      return all([expression.target])
    case 'index':
      return all([expression.target, expression.index])
    case 'unary':
      return all([expression.operand])
    case 'binary':
      return all([expression.left, expression.right])
    default:
      return 0
  }
}
