import { isAbsolute, relative, sep } from 'node:path'
import type { Location } from '../location.ts'
import { sortProblems, type DagError } from './dag-error.ts'

/**
 * One line what, one line where, one line how. Paths are written relative to `projectDir` where they lie in it.
 *
 * @example
 * DAG301 cycle: a -> b -> a
 *   at dags/shop/dag.ts:12
 *   fix: remove one of these edges (dag explain DAG301)
 */
export function renderProblem(problem: DagError, projectDir: string): string {
  const where = problem.at ? [`  at ${renderLocation(problem.at, projectDir)}`] : []
  return [
    `${problem.code} ${problem.message}`,
    ...where,
    `  fix: ${problem.hint} (dag explain ${problem.code})`,
  ].join('\n')
}

/** All problems sorted by place, with a blank line between them. */
export function renderProblems(problems: readonly DagError[], projectDir: string): string {
  return sortProblems(problems)
    .map((problem) => renderProblem(problem, projectDir))
    .join('\n\n')
}

/** `file:line`, relative to the project folder. */
function renderLocation(location: Location, projectDir: string): string {
  return `${relativeFile(location.file, projectDir)}:${location.line}`
}

/** A path relative to the project folder, with forward slashes on every platform. */
export function relativeFile(file: string, projectDir: string): string {
  const path = relative(projectDir, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path.split(sep).join('/')
}
