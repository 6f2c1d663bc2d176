import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The folder that holds `dag.config.ts` or `dags/`: the working directory or the nearest one above. */
export function projectFolder(from: string = process.cwd()): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const marks = ['dag.config.ts', 'dag.config.js', 'dag.config.mjs', 'dags', 'generated']
    if (marks.some((mark) => existsSync(join(folder, mark)))) return folder
    if (folder === dirname(folder)) return resolve(from)
  }
}

/** Folder of an emulator's state: `--state`, or `.dag` in the project. */
export function stateFolder(project: string, option: string | undefined): string {
  return option === undefined ? join(project, '.dag') : resolve(option)
}

/** Ids of the DAGs under `generated/`. */
export function generatedDags(project: string): string[] {
  const folder = join(project, 'generated')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'manifest.json')))
    .toSorted()
}
