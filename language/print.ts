import { commentText, stepsNode } from './print-step.ts'
import { fitsOneLine, flowList, listNode, mapNode, nameNode, valueNode } from './print-value.ts'
import type { Parameter, Subworkflow, WorkflowDocument } from './syntax.ts'
import { commentLines, yamlText, type ListNode, type MapNode, type YamlNode } from './yaml-node.ts'

/**
 * The YAML source of a document: the same bytes for the same tree, `main` first, a blank line between
 * subworkflows, comments from the tree. Each scalar means the same under YAML 1.1 and 1.2; expressions stand on
 * one line.
 */
export function printWorkflow(document: WorkflowDocument): string {
  const head = document.comment === undefined ? '' : `${commentLines(commentText(document.comment), '')}\n`
  return head + document.subworkflows.map(subworkflowText).join('\n')
}

function subworkflowText(subworkflow: Subworkflow): string {
  const comment = subworkflow.comment === undefined ? '' : commentLines(commentText(subworkflow.comment), '')
  return `${comment}${yamlText(mapNode([[subworkflow.name, subworkflowNode(subworkflow)]]), '')}\n`
}

function subworkflowNode(subworkflow: Subworkflow): MapNode {
  const steps = ['steps', stepsNode(subworkflow.steps)] as const
  return subworkflow.params.length === 0
    ? mapNode([steps])
    : mapNode([['params', paramsNode(subworkflow.params)], steps])
}

/** On one line where the defaults are short. */
function paramsNode(params: readonly Parameter[]): ListNode {
  const onOneLine = flowList(params.map((param) => paramNode(param, true)))
  const isShort = params.every((param) => param.default === undefined) || fitsOneLine(onOneLine.items)
  return isShort ? onOneLine : listNode(params.map((param) => paramNode(param, false)))
}

function paramNode({ name, default: value }: Parameter, flow: boolean): YamlNode {
  return value === undefined ? nameNode(name) : { ...mapNode([[name, valueNode(value)]]), flow }
}
