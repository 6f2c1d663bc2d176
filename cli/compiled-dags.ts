import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Compiled } from '../deploy/compiled.ts'
import { UserError } from '../deploy/user-error.ts'
import { generatedDags } from './project.ts'

/** Reads `generated/<dag>/`. */
export async function generatedDag(project: string, dag: string): Promise<Compiled> {
  const folder = join(project, 'generated', dag)
  if (!existsSync(join(folder, 'manifest.json'))) {
    const known = generatedDags(project)
    throw new UserError('DAG803', `there is no compiled DAG called ${dag}`, {
      place: folder,
      hint:
        known.length === 0
          ? 'run `dag compile` first'
          : `compiled are: ${known.join(', ')}; run \`dag compile ${dag}\``,
    })
  }
  const { readCompiled } = await import('../deploy/compiled.ts')
  return readCompiled(folder)
}

/** Variables that the steps of compiled DAGs let the environment set, secrets among them. */
export function stepVariables(compiled: readonly Compiled[]): string[] {
  const jobs = compiled.flatMap(({ manifest }) => manifest.jobs)
  return [...new Set(jobs.flatMap((job) => job.env.concat(Object.keys(job.secrets))))]
}

/** Reads `generated/<dag>/`, or null where the DAG is not compiled here. */
export async function generatedDagIfAny(project: string, dag: string): Promise<Compiled | null> {
  return existsSync(join(project, 'generated', dag, 'manifest.json')) ? generatedDag(project, dag) : null
}
