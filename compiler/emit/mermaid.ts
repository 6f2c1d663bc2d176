import type { TaskDefinition } from '../../dsl/index.ts'
import type { Graph } from '../graph/graph.ts'

/** The graph for people: groups as boxes, a shape for each kind of task. https://mermaid.js.org/syntax/flowchart.html */
export function mermaidGraph(graph: Graph): string {
  const edges = graph.tasks.flatMap((task) =>
    (graph.reduced.get(task.id) ?? []).map((source) => `  ${nodeId(source)} --> ${nodeId(task.id)}`),
  )
  return ['flowchart LR', ...members(graph.tasks, null, '  '), ...edges].join('\n')
}

function members(tasks: readonly TaskDefinition[], group: string | null, indent: string): readonly string[] {
  const lines: string[] = []
  const done = new Set<string>()
  for (const task of tasks) {
    if (task.group === group) {
      lines.push(`${indent}${node(task)}`)
      continue
    }
    const child = childOf(task.group, group)
    if (child === null || done.has(child)) continue
    done.add(child)
    const inside = tasks.filter(({ group: own }) => own === child || own?.startsWith(`${child}.`))
    const title = child.split('.').at(-1) ?? child
    lines.push(`${indent}subgraph group_${child.replaceAll('.', '__')}[${title}]`)
    lines.push(...members(inside, child, `${indent}  `), `${indent}end`)
  }
  return lines
}

/** The group directly within `parent` that a task's group lies in. */
function childOf(group: string | null, parent: string | null): string | null {
  if (group === null) return null
  if (parent === null) return group.split('.')[0] ?? null
  if (!group.startsWith(`${parent}.`)) return null
  return `${parent}.${group.slice(parent.length + 1).split('.')[0] ?? ''}`
}

/** Every kind has a shape of its own; what runs once per item of a list says so. */
function node(task: TaskDefinition): string {
  const [open, close] = shapes[task.kind]
  const isMapped = task.kind === 'step' && task.mapping !== null
  return `${nodeId(task.id)}${open}${isMapped ? `"${task.id} × n"` : task.id}${close}`
}

const shapes: Readonly<Record<TaskDefinition['kind'], readonly [string, string]>> = {
  step: ['[', ']'],
  model: ['[(', ')]'],
  http: ['[/', '/]'],
  sensor: ['([', '])'],
  approval: ['[/', '\\]'],
  trigger: ['[[', ']]'],
  branch: ['{', '}'],
  short_circuit: ['{{', '}}'],
  empty: ['((', '))'],
}

/** A prefix keeps ids clear of mermaid's own words, such as `end`. */
function nodeId(task: string): string {
  return `t_${task}`
}
