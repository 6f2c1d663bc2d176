import { Problems } from './parse/problems.ts'
import { readDocument } from './parse/read-document.ts'
import { readYaml } from './parse/read-yaml.ts'
import { byPosition, type Problem } from './problem.ts'
import type { WorkflowDocument } from './syntax.ts'

/**
 * Sources above this many characters, indentation left aside, are refused unread; deployable ones are at most 128 KB.
 * Printed they may be longer, with one value a line and every alias written out, and have to be read again.
 */
const maxCharacters = 3 << 20
const maxIndented = 1 << 25

export interface ParseResult {
  /** Null when there are problems. */
  readonly document: WorkflowDocument | null
  readonly problems: readonly Problem[]
}

/**
 * Parses a Workflows source, YAML 1.2 or JSON, in either document shape. Never throws on any text: what is wrong
 * is in `problems`, in source order, each with line and column. `file` is carried into the problems.
 */
export function parseWorkflow(source: string, file?: string): ParseResult {
  const problems = new Problems(file)
  if (isTooLarge(source)) {
    const message = `the source has more than ${maxCharacters} characters; 128 KB can be deployed`
    problems.add('source-too-large', message, { line: 1, column: 1 })
    return { document: null, problems: problems.list }
  }
  const root = readYaml(source, problems)
  const document = root && readDocument(root, problems)
  const sorted = problems.list.toSorted(byPosition)
  return { document: sorted.length === 0 ? (document ?? null) : null, problems: sorted }
}

function isTooLarge(source: string): boolean {
  if (source.length <= maxCharacters) return false
  return source.length > maxIndented || source.replace(/^ +/gm, '').length > maxCharacters
}
