import { compileDag, type CompiledDag } from '../compiler/index.ts'
import type { DagDefinition } from '../dsl/index.ts'

const known = new WeakMap<DagDefinition, CompiledDag>()

/** What a DAG compiles to: the very source that is deployed. @throws DagProblems where it does not compile */
export function compiledDag(dag: DagDefinition, projectDir: string): CompiledDag {
  const found = known.get(dag)
  if (found !== undefined) return found
  const compiled = compileDag(dag, { projectDir })
  known.set(dag, compiled)
  return compiled
}
