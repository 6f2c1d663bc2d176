import {
  parseWorkflow,
  validateWorkflow,
  type BuildReadings,
  type Problem,
  type WorkflowDocument,
} from '../../../language/index.ts'

/** What deploying a source comes to. */
export type Build =
  | { readonly kind: 'built'; readonly document: WorkflowDocument }
  /** `message` as the service words it. https://cloud.google.com/workflows/docs/troubleshooting#deployment */
  | { readonly kind: 'refused'; readonly message: string }

/** Parses and validates a source as a deployment does. */
export function buildSource(source: string, readings: Partial<BuildReadings> = {}): Build {
  const { document, problems } = parseWorkflow(source, 'main.yaml')
  if (document === null) return refuse(problems)
  const invalid = validateWorkflow(document, Buffer.byteLength(source), readings)
  return invalid.length > 0 ? refuse(invalid) : { kind: 'built', document }
}

/**
 * The service names the first problem: syntax with its place, the rest by the step it is in. Further problems
 * follow, one a line with its place, because nothing here hides them.
 */
function refuse(problems: readonly Problem[]): Build {
  const lines = problems.slice(0, 20).map((problem, index) => {
    const message = problem.message.replace(PREFIX, '')
    return index === 0 && message !== problem.message ? message : `${placeOf(problem)}${message}`
  })
  return { kind: 'refused', message: `${PREFIX}${lines.join('\n')}` }
}

/** The language's validation words its problems as the service does, with this in front. */
const PREFIX = 'failed to build: '

function placeOf({ position }: Problem): string {
  return position === undefined ? '' : `main.yaml:${position.line}:${position.column}: `
}
