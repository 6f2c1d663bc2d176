import type { TaskDefinition } from '../../dsl/index.ts'
import type { GroupDefinition } from '../../dsl/task.ts'
import { indexBy } from './index-by.ts'

/** Why a task waits for another. */
export type EdgeKind = 'input' | 'model' | 'after' | 'setup' | 'case'

export interface Edge {
  readonly from: string
  readonly to: string
  readonly kind: EdgeKind
  /** With kind `case`: the case of branch `from` that `to` belongs to. */
  readonly name?: string
}

/** The tasks of a DAG and what they wait for, free of cycles. */
export interface Graph {
  /** As declared. */
  readonly tasks: readonly TaskDefinition[]
  readonly groups: readonly GroupDefinition[]
  /** Every edge as it was declared, groups expanded, without duplicates. */
  readonly edges: readonly Edge[]
  /** Ids in an order that runs every task after its upstream tasks; declaration order where that leaves a choice. */
  readonly order: readonly string[]
  /** All direct upstream tasks as declared, groups and cases expanded, in declaration order: what decisions rest on. */
  readonly declared: ReadonlyMap<string, readonly string[]>
  /** Direct upstream tasks after transitive reduction, in declaration order: what people see. */
  readonly reduced: ReadonlyMap<string, readonly string[]>
  /** What the schedule keeps to: `reduced`, and that the tasks of a pool follow each other where its slots are taken. */
  readonly upstream: ReadonlyMap<string, readonly string[]>
}

/** Every task that a task comes directly after. */
export function declaredOf(graph: Graph, id: string): readonly string[] {
  return graph.declared.get(id) ?? []
}

/** Tells the tasks of each case of a branch, by the name of the case, in declaration order. */
export function casesOf({ edges }: Graph): (branch: string) => ReadonlyMap<string, readonly string[]> {
  const cases = indexBy(
    edges.filter(({ kind }) => kind === 'case'),
    ({ from }) => from,
  )
  return (branch) =>
    new Map(
      [...indexBy(cases.get(branch) ?? [], ({ name = '' }) => name)].map(([name, own]) => [
        name,
        own.map(({ to }) => to),
      ]),
    )
}
