import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lineageSchema, type Lineage } from '../artifact/lineage.ts'
import { UserError } from '../deploy/user-error.ts'
import { freshDag } from './fresh-dags.ts'
import { generatedDags } from './project.ts'

/**
 * The lineage of every DAG of a project, or of one, as its files are now.
 *
 * @throws DagProblems with everything that is wrong with a DAG
 */
export async function projectLineage(project: string, dag: string | undefined): Promise<readonly Lineage[]> {
  const dags = dag === undefined ? await dagsOf(project) : [dag]
  const compiled = []
  for (const each of dags) compiled.push(await freshDag(project, each))
  const all = compiled.flatMap(({ files }) => {
    const text = files['lineage.json']
    return text === undefined ? [] : [lineageSchema.parse(JSON.parse(text))]
  })
  if (all.length > 0) return all
  throw new UserError('DAG605', dag === undefined ? 'no DAG here has tables' : `DAG ${dag} has no tables`, {
    place: project,
    hint: 'tables are declared with model({ … }) and built with build(…)',
  })
}

async function dagsOf(project: string): Promise<readonly string[]> {
  if (!existsSync(join(project, 'dags'))) return generatedDags(project)
  const { findDags } = await import('../compiler/index.ts')
  return findDags(project)
}
