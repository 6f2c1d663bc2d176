import { parseWorkflow, validateWorkflow, type BuildReadings, type Problem } from '../language/index.ts'

/** A problem as people and programs read it. Without a place where it concerns the whole file. */
export interface SourceProblem {
  readonly code: string
  readonly message: string
  readonly line?: number
  readonly column?: number
}

/** Everything that keeps a source from being deployed, in the order of the file. */
export function checkSource(source: string, readings: Partial<BuildReadings> = {}): readonly SourceProblem[] {
  const { document, problems } = parseWorkflow(source)
  const found = document === null ? problems : validateWorkflow(document, Buffer.byteLength(source), readings)
  return found.map(plain).toSorted(byPlace)
}

/** `file:line:column: message` */
export function problemText(file: string, { message, line, column }: SourceProblem): string {
  return `${file}:${line === undefined ? '' : `${line}:${column}:`} ${message}`
}

function plain({ code, message, position }: Problem): SourceProblem {
  return {
    code,
    message: message.replace(/^failed to build: /, ''),
    ...(position === undefined ? {} : { line: position.line, column: position.column }),
  }
}

function byPlace(one: SourceProblem, other: SourceProblem): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0)
}
