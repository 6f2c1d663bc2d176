import { graphlib, layout } from '@dagrejs/dagre'
import { z } from 'zod'
import type { RunView, TaskView } from '../run-view.ts'
import { duration } from './format.ts'
import { html, type Html } from './html.ts'
import { taskLook } from './state.ts'
import { taskWords, tryCount } from './task-words.ts'

const nodeHeight = 46
const characterWidth = 7.4

interface Point {
  readonly x: number
  readonly y: number
}

/** The DAG as a picture: one card per task, coloured by its state, left to right. */
export function graphSvg(run: RunView): Html {
  const { width, height, boxes, edges } = layOut(run.tasks)
  return html`<svg
    class="graph"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${altText(run)}"
  >
    <defs>
      <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
        <path class="arrow" d="M0.5 0.8 L7 4 L0.5 7.2"></path>
      </marker>
    </defs>
    ${edges.map((points) => html`<path class="edge" d="${curve(points)}" marker-end="url(#arrow)"></path>`)}
    ${boxes.map((box) => node(box))}
  </svg>`
}

interface Box extends Point {
  readonly task: TaskView
  readonly width: number
}

interface Layout {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly edges: readonly (readonly Point[])[]
}

function layOut(tasks: readonly TaskView[]): Layout {
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 44, marginx: 4, marginy: 4 })
  graph.setDefaultEdgeLabel(() => ({}))
  const ids = new Set(tasks.map((task) => task.id))
  for (const task of tasks) graph.setNode(task.id, { width: widthOf(task), height: nodeHeight })
  const pairs = tasks.flatMap((task) =>
    task.upstream.filter((id) => ids.has(id)).map((upstream) => [upstream, task.id] as const),
  )
  for (const [from, to] of pairs) graph.setEdge(from, to)
  layout(graph)
  const size = sizeSchema.parse(graph.graph())
  const placed = new Map(tasks.map((task) => [task.id, boxSchema.parse(graph.node(task.id))]))
  const edge = ([from, to]: readonly [string, string]): Point[] => {
    const source = placed.get(from) ?? nowhere
    const target = placed.get(to) ?? nowhere
    const between = edgeSchema.parse(graph.edge(from, to)).points.slice(1, -1)
    // Edges to the next rank need no bend; longer ones go around the cards between.
    const bends = between.length > 1 ? between : []
    return [
      { x: source.x + source.width / 2, y: source.y },
      ...bends,
      { x: target.x - target.width / 2 - 1, y: target.y },
    ]
  }
  return {
    width: Math.ceil(size.width),
    height: Math.ceil(size.height),
    boxes: tasks.map((task) => {
      const { x, y, width } = placed.get(task.id) ?? nowhere
      return { task, x: round(x - width / 2), y: round(y - nodeHeight / 2), width }
    }),
    edges: pairs.map(edge),
  }
}

/** What the layout leaves on the graph; its types do not resolve in ES modules. */
const sizeSchema = z.object({ width: z.number().catch(0), height: z.number().catch(0) })
const boxSchema = z.object({ x: z.number(), y: z.number(), width: z.number() })
const edgeSchema = z.object({ points: z.array(z.object({ x: z.number(), y: z.number() })) })
const nowhere = { x: 0, y: 0, width: 0 }

function widthOf(task: TaskView): number {
  return Math.ceil(Math.max(task.id.length, subtitle(task).length * 0.86) * characterWidth) + 48
}

function node({ task, x, y, width }: Box): Html {
  const look = taskLook[task.state]
  return html`<a class="node ${look.tone}" href="#task-${task.id}" transform="translate(${x} ${y})">
    <title>
      ${task.id}:
      ${look.word}${taskWords(task)
        .map((words) => ` (${words})`)
        .join('')}
    </title>
    <rect width="${width}" height="${nodeHeight}" rx="8"></rect>
    <text class="glyph" x="20" y="28" text-anchor="middle">${look.glyph}</text>
    <text class="name" x="36" y="20">${task.id}</text>
    <text class="sub" x="36" y="36">${subtitle(task)}</text>
  </a>`
}

function subtitle(task: TaskView): string {
  const number = tryCount(task)
  const tries = number > 1 ? ` · ${number} tries` : ''
  const instances = task.instances === null ? '' : ` × ${task.instances.total}`
  return task.durationMs === null || number === 0
    ? `${task.kind}${instances}${tries}`
    : `${task.kind}${instances} · ${duration(task.durationMs)}${tries}`
}

/** A smooth line through the layout's points, horizontal where it leaves and arrives. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let from = first
  const parts = [`M${round(first.x)} ${round(first.y)}`]
  for (const to of rest) {
    const middle = (from.x + to.x) / 2
    parts.push(
      `C${round(middle)} ${round(from.y)} ${round(middle)} ${round(to.y)} ${round(to.x)} ${round(to.y)}`,
    )
    from = to
  }
  return parts.join(' ')
}

function altText(run: RunView): string {
  return run.tasks.map((task) => `${task.id}: ${taskLook[task.state].word}`).join(', ')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
