import type { TaskDefinition } from '../../dsl/index.ts'

/** Why a task waits for another. */
export type EdgeKind = 'input' | 'model' | 'after'

export interface Edge {
  readonly from: string
  readonly to: string
  readonly kind: EdgeKind
}

/** The tasks of a DAG and what they wait for, free of cycles and of edges that others imply. */
export interface Graph {
  /** As declared. */
  readonly tasks: readonly TaskDefinition[]
  /** Every edge as it was declared, without duplicates. */
  readonly edges: readonly Edge[]
  /** Ids in an order that runs every task after its upstream tasks; declaration order where that leaves a choice. */
  readonly order: readonly string[]
  /** Direct upstream tasks after transitive reduction, in declaration order. */
  readonly upstream: ReadonlyMap<string, readonly string[]>
}

export function upstreamOf(graph: Graph, id: string): readonly string[] {
  return graph.upstream.get(id) ?? []
}
