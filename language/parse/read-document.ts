import { isVariableName } from '../expression/precedence.ts'
import type { Parameter, Subworkflow, WorkflowDocument } from '../syntax.ts'
import { readFields } from './fields.ts'
import type { Problems } from './problems.ts'
import { readSteps } from './read-step.ts'
import { hasExpression, readSingleEntry, readValue, readVariable } from './read-value.ts'
import { describeNode, type SourceEntry, type SourceNode } from './source-node.ts'

/**
 * Both shapes of a source: a bare list of steps, or a map of subworkflows with `main` among them.
 * https://cloud.google.com/workflows/docs/reference/syntax/subworkflows
 */
export function readDocument(node: SourceNode, problems: Problems): WorkflowDocument | undefined {
  if (node.kind === 'list') {
    const steps = readSteps(node, 'the list of steps', problems)
    const main: Subworkflow = {
      kind: 'subworkflow',
      name: 'main',
      params: [],
      steps,
      position: node.position,
    }
    return { kind: 'document', subworkflows: [main] }
  }
  if (node.kind === 'scalar') {
    const got = node.value === null ? 'nothing' : describeNode(node)
    const code = node.value === null ? 'empty' : 'wrong-type'
    problems.add(
      code,
      `a workflow must be a list of steps or a map with the key "main", got ${got}`,
      node.position,
    )
    return undefined
  }
  if (!node.entries.some((entry) => entry.key === 'main')) {
    problems.add('missing-key', 'a workflow that is a map needs the key "main"', node.position)
  }
  const subworkflows = node.entries
    .map((entry) => readSubworkflow(entry, problems))
    .filter((subworkflow) => subworkflow !== undefined)
  return {
    kind: 'document',
    subworkflows: [...subworkflows.filter(isMain), ...subworkflows.filter((entry) => !isMain(entry))],
  }
}

function isMain(subworkflow: Subworkflow): boolean {
  return subworkflow.name === 'main'
}

function readSubworkflow(entry: SourceEntry, problems: Problems): Subworkflow | undefined {
  const { key: name, keyNode, value } = entry
  if (!isVariableName(name)) {
    problems.add('bad-name', `"${name}" cannot be the name of a subworkflow`, keyNode.position)
  }
  const fields = readFields(value, `workflow "${name}"`, problems)
  if (fields === undefined) return undefined
  fields.refuseOthers(['params', 'steps'], `workflow "${name}"`, problems)
  const stepsNode = fields.require('steps', `workflow "${name}"`, problems)
  const paramsNode = fields.get('params')
  return {
    kind: 'subworkflow',
    name,
    params: paramsNode === undefined ? [] : readParams(paramsNode, name, problems),
    steps: stepsNode === undefined ? [] : readSteps(stepsNode, `"steps" of workflow "${name}"`, problems),
    position: keyNode.position,
  }
}

function readParams(node: SourceNode, subworkflow: string, problems: Problems): Parameter[] {
  const what = `"params" of workflow "${subworkflow}"`
  if (node.kind !== 'list') {
    problems.add('wrong-type', `${what} must be a list, got ${describeNode(node)}`, node.position)
    return []
  }
  return node.items.map((item) => readParam(item, what, problems)).filter((param) => param !== undefined)
}

function readParam(node: SourceNode, what: string, problems: Problems): Parameter | undefined {
  if (node.kind === 'scalar') {
    const name = readVariable(node, `an entry of ${what}`, problems)
    return name === undefined ? undefined : { name, position: node.position }
  }
  const entry = readSingleEntry(node, `an entry of ${what}`, problems)
  const name = entry && readVariable(entry.keyNode, `an entry of ${what}`, problems)
  if (entry === undefined || name === undefined) return undefined
  const value = readValue(entry.value, problems)
  if (hasExpression(value)) {
    problems.add('bad-value', `the default of parameter "${name}" must be a literal`, entry.value.position)
  }
  return { name, default: value, position: entry.keyNode.position }
}
