import { dag, z, type DagContext, type DagDefinition, type DagOptions } from '../../dsl/index.ts'
import { collectProblems } from '../../dsl/problems.ts'
import { buildGraph } from './build-graph.ts'
import type { Graph } from './graph.ts'

/** A step for tests of the graph: it takes anything and gives values that branches and maps can use. */
export const work = {
  kind: 'step_contract',
  name: 'test/work',
  image: 'steps',
  input: z.object({ from: z.unknown().optional(), item: z.number().optional() }),
  output: z.object({
    mode: z.enum(['a', 'b', 'c']),
    flag: z.boolean(),
    list: z.array(z.number()),
  }),
  idempotency: 'idempotent',
  timeoutSeconds: 600,
  resources: { cpu: '1', memory: '512Mi' },
  env: [],
  secrets: {},
} as const

type NoParams = z.ZodObject<Record<string, never>>

export function testDag(
  build: (context: DagContext<NoParams>) => unknown,
  options: Partial<DagOptions<NoParams>> = {},
): DagDefinition {
  return dag('test', { description: 'For a test', ...options }, build)
}

/** The graph of a definition without mistakes. */
export function graphOf(definition: DagDefinition): Graph {
  const problems = collectProblems(null)
  const graph = buildGraph(definition, problems)
  const all = [...definition.problems, ...problems.list]
  if (graph === null || all.length > 0) throw new Error(all.map(({ message }) => message).join('\n'))
  return graph
}

/** What comes after what, as `a>b` pairs in any order. */
export function declaredPairs(graph: Graph): readonly string[] {
  return [...graph.declared].flatMap(([id, sources]) => sources.map((source) => `${source}>${id}`)).toSorted()
}
