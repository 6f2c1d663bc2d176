import type { Subworkflow } from '../language.ts'

/** Names that a subworkflow calls, by step or in an expression; those of the standard library's modules aside. */
export function calledNames(subworkflow: Subworkflow): ReadonlySet<string> {
  const names = new Set<string>()
  collect(subworkflow.steps, names)
  return names
}

/** Steps and expressions are plain data: wherever in it a call stands, its callee is a name. */
function collect(node: unknown, names: Set<string>): void {
  if (typeof node !== 'object' || node === null) return
  if ('kind' in node && node.kind === 'call' && 'callee' in node) {
    const callee: unknown = node.callee
    if (typeof callee === 'string') names.add(callee)
    else if (isName(callee)) names.add(callee.name)
  }
  for (const inner of Object.values(node)) collect(inner, names)
}

function isName(node: unknown): node is { readonly name: string } {
  return typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'name' && 'name' in node
}
