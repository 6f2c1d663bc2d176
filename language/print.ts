import { Document, Pair, YAMLMap, type Tags, type YAMLSeq } from 'yaml'
import { commentText, namesNode, stepsNode } from './print-step.ts'
import { doubleTag, listNode, mapNode, nameNode, textTag, valueNode } from './print-value.ts'
import type { Parameter, Subworkflow, WorkflowDocument } from './syntax.ts'

/**
 * The YAML source of a document: the same bytes for the same tree, `main` first, a blank line between
 * subworkflows, comments from the tree. Each scalar means the same under YAML 1.1 and 1.2; expressions stand on
 * one line.
 */
export function printWorkflow(document: WorkflowDocument): string {
  const yaml = new Document(undefined, {
    version: '1.1',
    customTags: (tags) => [doubleTag, textTag, ...tags.filter((tag) => !isMergeTag(tag))],
  })
  const contents = new YAMLMap()
  for (const [index, subworkflow] of document.subworkflows.entries()) {
    const key = nameNode(subworkflow.name)
    key.spaceBefore = index > 0
    if (subworkflow.comment !== undefined) key.commentBefore = commentText(subworkflow.comment)
    contents.items.push(new Pair(key, subworkflowNode(subworkflow)))
  }
  yaml.contents = contents
  if (document.comment !== undefined) yaml.commentBefore = commentText(document.comment)
  return yaml.toString({
    lineWidth: 0,
    flowCollectionPadding: false,
    indentSeq: false,
  })
}

function subworkflowNode(subworkflow: Subworkflow): YAMLMap {
  const steps = ['steps', stepsNode(subworkflow.steps)] as const
  return subworkflow.params.length === 0
    ? mapNode([steps])
    : mapNode([['params', paramsNode(subworkflow.params)], steps])
}

function paramsNode(params: readonly Parameter[]): YAMLSeq {
  if (params.every((param) => param.default === undefined))
    return namesNode(params.map((param) => param.name))
  return listNode(
    params.map((param) =>
      param.default === undefined ? nameNode(param.name) : mapNode([[param.name, valueNode(param.default)]]),
    ),
  )
}

/** YAML 1.1's merge key would be written bare, and merged by whoever reads it. */
function isMergeTag(tag: Tags[number]): boolean {
  return tag === 'merge' || (typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:merge')
}
