import { isAbsolute, relative, sep } from 'node:path'
import { styleText } from 'node:util'
import type { Location } from '../location.ts'
import { sortProblems, type DagError } from './dag-error.ts'
import { excerptOf } from './excerpt.ts'

export interface RenderOptions {
  /** Reads a file for the line that is shown; null where it cannot be read. @default no line is shown */
  readonly source?: (file: string) => string | null
  /** For terminals. @default false */
  readonly color?: boolean
  /** Warnings fail nothing. @default 'error' */
  readonly kind?: 'error' | 'warning'
}

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/**
 * One line what, one line where, the source line with a mark, one line how. Paths are written relative to `projectDir`
 * where they lie in it.
 *
 * @example
 * DAG301 cycle: a -> b -> a
 *   at dags/shop/dag.ts:12
 *    12 |   const a = task('a', load, {}, { after: b })
 *                     ^^^^
 *   fix: remove one of these edges (dag explain DAG301)
 */
export function renderProblem(problem: DagError, projectDir: string, options: RenderOptions = {}): string {
  const { color = false, kind = 'error', source = () => null } = options
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text)
  const signal = kind === 'error' ? 'red' : 'yellow'
  const code = paint(['bold', signal], kind === 'error' ? problem.code : `warning ${problem.code}`)
  const where = problem.at ? [`  ${paint('dim', 'at')} ${renderLocation(problem.at, projectDir)}`] : []
  const [first = '', ...more] = problem.message.split('\n')
  return [
    `${code} ${first}`,
    ...more.map((line) => `  ${line}`),
    ...where,
    ...markedLine(
      problem.at,
      source,
      (text) => paint(signal, text),
      (text) => paint('dim', text),
    ),
    `  ${paint('green', 'fix:')} ${problem.hint} ${paint('dim', `(dag explain ${problem.code})`)}`,
  ].join('\n')
}

/** All problems sorted by place, with a blank line between them. */
export function renderProblems(
  problems: readonly DagError[],
  projectDir: string,
  options: RenderOptions = {},
): string {
  return sortProblems(problems)
    .map((problem) => renderProblem(problem, projectDir, options))
    .join('\n\n')
}

function markedLine(
  at: Location | null,
  source: (file: string) => string | null,
  strong: (text: string) => string,
  weak: (text: string) => string,
): readonly string[] {
  const text = at && source(at.file)
  const excerpt = at && typeof text === 'string' ? excerptOf(text, at) : null
  if (excerpt === null) return []
  const { margin, line, mark } = excerpt
  const [from, to] = mark
  return [weak(margin) + line, ' '.repeat(margin.length + from) + strong('^'.repeat(Math.max(1, to - from)))]
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
