import { around, type LineageGraph } from './lineage-graph.ts'

type Direction = 'up' | 'down'

const titles = { up: 'comes from', down: 'goes to' } as const

/** A tree for each direction; what stands in it already is not drawn again. */
export function lineageText(
  graph: LineageGraph,
  of: string,
  directions: readonly Direction[],
  depth: number,
): string {
  return [
    lineOf(graph, of),
    ...directions.flatMap((direction) => {
      const lines = branches(graph, of, direction, depth, new Set([of]), '')
      return [titles[direction], ...(lines.length === 0 ? ['└─ nothing'] : lines)]
    }),
  ].join('\n')
}

function branches(
  graph: LineageGraph,
  of: string,
  direction: Direction,
  depth: number,
  drawn: Set<string>,
  indent: string,
): readonly string[] {
  const next = graph[direction].get(of) ?? []
  return next.flatMap((id, index) => {
    const isLast = index === next.length - 1
    const head = `${indent}${isLast ? '└─' : '├─'} ${lineOf(graph, id)}`
    const more = (graph[direction].get(id)?.length ?? 0) > 0
    if (!more) return [head]
    if (drawn.has(id)) return [`${head} (above)`]
    if (depth <= 1) return [`${head} …`]
    drawn.add(id)
    return [head, ...branches(graph, id, direction, depth - 1, drawn, `${indent}${isLast ? '   ' : '│  '}`)]
  })
}

function lineOf({ nodes }: LineageGraph, id: string): string {
  const note = nodes.get(id)?.note ?? ''
  return note === '' ? id : `${id}  ${note}`
}

const shapes = {
  table: ['[(', ')]'],
  column: ['[', ']'],
  rows: ['[', ']'],
  step: ['[[', ']]'],
  objects: ['[/', '/]'],
  chart: ['([', '])'],
} as const

/** A Mermaid flowchart. https://mermaid.js.org/syntax/flowchart.html */
export function lineageMermaid(
  graph: LineageGraph,
  of: string,
  directions: readonly Direction[],
  depth: number,
): string {
  const { nodes, edges } = around(graph, of, directions, depth)
  const numbers = new Map(nodes.map(({ id }, index) => [id, `n${index}`]))
  return [
    'flowchart LR',
    ...nodes.map(({ id, kind }) => {
      const [open, close] = shapes[kind]
      return `  ${numbers.get(id)}${open}"${escaped(id)}"${close}`
    }),
    ...edges.map(({ from, to }) => `  ${numbers.get(from)} --> ${numbers.get(to)}`),
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')
}
