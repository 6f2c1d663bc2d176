import { Problems } from './parse/problems.ts'
import { readDocument } from './parse/read-document.ts'
import { readYaml } from './parse/read-yaml.ts'
import { byPosition, type Problem } from './problem.ts'
import type { WorkflowDocument } from './syntax.ts'

/** Sources above this many characters are refused unread; deployable ones are at most 128 KB. */
const maxCharacters = 1 << 20

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
  if (source.length > maxCharacters) {
    const message = `the source has more than ${maxCharacters} characters; 128 KB can be deployed`
    problems.add('source-too-large', message, { line: 1, column: 1 })
    return { document: null, problems: problems.list }
  }
  const root = readYaml(source, problems)
  const document = root && readDocument(root, problems)
  const sorted = problems.list.toSorted(byPosition)
  return { document: sorted.length === 0 ? (document ?? null) : null, problems: sorted }
}
