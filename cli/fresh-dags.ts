import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compiledFrom, type Compiled } from '../deploy/compiled.ts'
import type { Output } from './command.ts'
import { generatedDagIfAny } from './compiled-dags.ts'

/**
 * Compiles a DAG in memory, as its files are now. A project that holds compiled DAGs only uses those. Warnings go to
 * `output`, where it is given.
 *
 * @throws DagProblems with everything that is wrong with the DAG
 */
export async function freshDag(project: string, dag: string, output?: Output): Promise<Compiled> {
  if (!existsSync(join(project, 'dags'))) {
    const generated = await generatedDagIfAny(project, dag)
    if (generated !== null) return generated
  }
  const { compileDag, loadDags } = await import('../compiler/index.ts')
  const [definition] = await loadDags(project, [dag])
  if (definition === undefined) throw new Error(`the compiler found no DAG called ${dag}`)
  const compiled = compileDag(definition, { projectDir: project })
  if (output && compiled.warnings.length > 0) {
    const { printWarnings } = await import('./problem-text.ts')
    printWarnings(compiled.warnings, output)
  }
  return compiledFrom(compiled.files)
}

/** Warnings of DAGs as their files are now; none of those that have no files here, or do not compile any more. */
export async function printWarningsOf(
  project: string,
  dags: readonly string[],
  output: Output,
): Promise<void> {
  const here = dags.filter((dag) => existsSync(join(project, 'dags', dag, 'dag.ts')))
  if (here.length === 0) return
  const [{ compileDag, loadDags }, { printWarnings }, { DagProblems }] = await Promise.all([
    import('../compiler/index.ts'),
    import('./problem-text.ts'),
    import('../dsl/index.ts'),
  ])
  for (const dag of here) {
    try {
      const definitions = await loadDags(project, [dag])
      printWarnings(
        definitions.flatMap((definition) => compileDag(definition, { projectDir: project }).warnings),
        output,
      )
    } catch (error) {
      if (!(error instanceof DagProblems)) throw error
      output.note(`dags/${dag} does not compile as it is now: what is deployed is generated/${dag}`)
    }
  }
}
