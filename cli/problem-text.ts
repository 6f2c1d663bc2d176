import { readFileSync } from 'node:fs'
import type { DagError } from '../dsl/index.ts'
import { renderProblems } from '../dsl/errors/index.ts'
import type { Output } from './command.ts'
import { projectFolder } from './project.ts'

/** Mistakes or warnings as people read them: with the line of source that each is about, in colour on a terminal. */
export function problemText(
  problems: readonly DagError[],
  { kind = 'error', color = false }: { readonly kind?: 'error' | 'warning'; readonly color?: boolean } = {},
): string {
  return renderProblems(problems, projectFolder(), { kind, color, source: readSource })
}

/** Prints what compiles and yet most likely means something else. */
export function printWarnings(warnings: readonly DagError[], output: Output): void {
  if (warnings.length === 0) return
  output.note(problemText(warnings, { kind: 'warning', color: hasColor(output) }))
}

/** https://no-color.org */
function hasColor({ live }: Pick<Output, 'live'>): boolean {
  return live && !process.env['NO_COLOR']
}

function readSource(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
