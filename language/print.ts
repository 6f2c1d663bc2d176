import { commentText, namesNode, stepsNode } from './print-step.ts'
import { listNode, mapNode, nameNode, valueNode } from './print-value.ts'
import type { Parameter, Subworkflow, WorkflowDocument } from './syntax.ts'
import { commentLines, yamlText, type ListNode, type MapNode } from './yaml-node.ts'

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

function paramsNode(params: readonly Parameter[]): ListNode {
  if (params.every((param) => param.default === undefined))
    return namesNode(params.map((param) => param.name))
  return listNode(
    params.map((param) =>
      param.default === undefined ? nameNode(param.name) : mapNode([[param.name, valueNode(param.default)]]),
    ),
  )
}
