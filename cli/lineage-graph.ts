import type { Lineage, LineageTable } from '../artifact/lineage.ts'

/** Something that data comes from or goes to. */
export interface LineageNode {
  /** A column `dataset.table.column`, rows `dataset.table.*`, a table, or the name of another thing. */
  readonly id: string
  readonly kind: 'table' | 'column' | 'rows' | 'step' | 'objects' | 'chart'
  /** What fills it, in words. */
  readonly note: string
}

/** Who comes from whom. */
export interface LineageGraph {
  readonly nodes: ReadonlyMap<string, LineageNode>
  /** What each comes from, and what comes from each, by id. */
  readonly up: ReadonlyMap<string, readonly string[]>
  readonly down: ReadonlyMap<string, readonly string[]>
}

class Builder {
  readonly nodes = new Map<string, LineageNode>()
  readonly up = new Map<string, string[]>()
  readonly down = new Map<string, string[]>()

  node(id: string, kind: LineageNode['kind'], note: string): void {
    const known = this.nodes.get(id)
    // A table that one DAG reads and another fills is known by the one that fills it.
    if (known === undefined || known.note === '') this.nodes.set(id, { id, kind, note })
  }

  edge(from: string, to: string): void {
    if (from === to || this.up.get(to)?.includes(from)) return
    this.up.set(to, [...(this.up.get(to) ?? []), from])
    this.down.set(from, [...(this.down.get(from) ?? []), to])
  }

  graph(): LineageGraph {
    for (const id of [...this.up.keys(), ...this.down.keys()])
      if (!this.nodes.has(id)) this.node(id, id.endsWith('.*') ? 'rows' : 'column', '')
    return this
  }
}

/** Tables, with the steps that fill them and the charts that read them. */
export function tableGraph(all: readonly Lineage[]): LineageGraph {
  const builder = new Builder()
  for (const { dag, tables, charts } of all) {
    for (const table of tables) {
      builder.node(table.table, 'table', fillText(table))
      for (const source of table.reads) builder.edge(source, table.table)
      stepEdges(table, [table.table], builder)
    }
    for (const { id, title, reads } of charts) {
      const chart = `chart ${dag}.${id}`
      builder.node(chart, 'chart', title)
      for (const source of reads) builder.edge(source, chart)
    }
  }
  return builder.graph()
}

/** Columns; `rows` adds what only decides which rows there are. */
export function columnGraph(all: readonly Lineage[], { rows }: { readonly rows: boolean }): LineageGraph {
  const builder = new Builder()
  for (const { dag, tables, charts } of all) {
    for (const table of tables) columnEdges(table, rows, builder)
    for (const { id, title, columns, rows: decided } of charts) {
      const chart = `chart ${dag}.${id}`
      builder.node(chart, 'chart', title)
      for (const { from } of columns) for (const source of from) builder.edge(source, chart)
      if (rows) for (const source of decided) builder.edge(source, chart)
    }
  }
  return builder.graph()
}

function columnEdges(table: LineageTable, withRows: boolean, builder: Builder): void {
  const all = `${table.table}.*`
  builder.node(all, 'rows', fillText(table))
  for (const source of table.rows) if (withRows || source.endsWith('.*')) builder.edge(source, all)
  for (const column of table.columns) {
    const id = `${table.table}.${column.name}`
    builder.node(id, 'column', columnText(table, column))
    for (const source of column.from) builder.edge(source, id)
    if (withRows)
      for (const source of [...table.rows, ...(column.rows ?? [])])
        if (column.by === undefined) builder.edge(source, id)
  }
  stepEdges(table, [all, ...table.columns.map(({ name }) => `${table.table}.${name}`)], builder)
}

function stepEdges({ step }: LineageTable, filled: readonly string[], builder: Builder): void {
  if (step === undefined) return
  const id = `step ${step.name}`
  builder.node(id, 'step', `task ${step.task}`)
  for (const each of filled) builder.edge(id, each)
  for (const name of step.objects) {
    const objects = `objects ${name}`
    builder.node(objects, 'objects', 'in the bucket')
    builder.edge(objects, id)
  }
}

function fillText({ task, write, layer }: LineageTable): string {
  if (task === null) return ''
  return [layer, `task ${task}`, ...(write === null ? [] : [write.replaceAll('_', ' ')])].join(', ')
}

function columnText(table: LineageTable, { by, from }: LineageTable['columns'][number]): string {
  if (table.task === null) return ''
  if (by === 'none') return 'nothing writes it'
  if (by !== undefined) return `written by ${by.replaceAll('_', ' ')}`
  if (from.length === 0 && table.step === undefined) return 'a constant, or a value of the run'
  return `task ${table.task}`
}

/** The nodes and edges within some steps of a node, data flowing from `from` to `to`. */
export function around(
  { nodes, up, down }: LineageGraph,
  of: string,
  directions: readonly ('up' | 'down')[],
  depth: number,
): { readonly nodes: readonly LineageNode[]; readonly edges: readonly { from: string; to: string }[] } {
  const ids = new Set([of])
  const edges = new Map<string, { from: string; to: string }>()
  for (const direction of directions) {
    let front: readonly string[] = [of]
    const seen = new Set(front)
    for (let level = 0; level < depth && front.length > 0; level++) {
      const next: string[] = []
      for (const id of front)
        for (const other of (direction === 'up' ? up : down).get(id) ?? []) {
          const [from, to] = direction === 'up' ? [other, id] : [id, other]
          edges.set(JSON.stringify([from, to]), { from, to })
          ids.add(other)
          if (!seen.has(other)) next.push(other)
          seen.add(other)
        }
      front = next
    }
  }
  return { nodes: [...ids].flatMap((id) => nodes.get(id) ?? []), edges: [...edges.values()] }
}
