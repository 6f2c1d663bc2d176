import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compiledFrom, type Compiled } from '../deploy/compiled.ts'
import { generatedDagIfAny } from './compiled-dags.ts'

/**
 * Compiles a DAG in memory, as its files are now. A project that holds compiled DAGs only uses those.
 *
 * @throws DagProblems with everything that is wrong with the DAG
 */
export async function freshDag(project: string, dag: string): Promise<Compiled> {
  if (!existsSync(join(project, 'dags'))) {
    const generated = await generatedDagIfAny(project, dag)
    if (generated !== null) return generated
  }
  const { compileDag, loadDags } = await import('../compiler/index.ts')
  const [definition] = await loadDags(project, [dag])
  if (definition === undefined) throw new Error(`the compiler found no DAG called ${dag}`)
  return compiledFrom(compileDag(definition, { projectDir: project }).files)
}
