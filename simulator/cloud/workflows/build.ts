import {
  parseWorkflow,
  validateWorkflow,
  type Problem,
  type WorkflowDocument,
} from '../../../language/index.ts'

/** What deploying a source comes to. */
export type Build =
  | { readonly kind: 'built'; readonly document: WorkflowDocument }
  /** `message` as the service words it. https://cloud.google.com/workflows/docs/troubleshooting#deployment */
  | { readonly kind: 'refused'; readonly message: string }

/** Parses and validates a source as a deployment does. */
export function buildSource(source: string): Build {
  const { document, problems } = parseWorkflow(source, 'main.yaml')
  if (document === null) return refuse(problems)
  const invalid = validateWorkflow(document, Buffer.byteLength(source))
  return invalid.length > 0 ? refuse(invalid) : { kind: 'built', document }
}

/** The service names the first problem; the others follow, one a line, because nothing here hides them. */
function refuse(problems: readonly Problem[]): Build {
  const lines = problems.slice(0, 20).map((problem) => {
    const { position, message } = problem
    return position === undefined ? message : `main.yaml:${position.line}:${position.column}: ${message}`
  })
  return { kind: 'refused', message: `failed to build: ${lines.join('\n')}` }
}
