import { z } from 'zod'

/** How a try ended: what stands in its object, and in short in the object's metadata. */
export type Outcome =
  | { readonly kind: 'output'; readonly output: Readonly<Record<string, unknown>> }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly retryable: boolean }

const bodySchema = z.union([
  z.object({ output: z.record(z.string(), z.unknown()) }),
  z.object({ skip: z.string() }),
  z.object({ error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }) }),
])

export function encodeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'output') return JSON.stringify({ output: outcome.output })
  if (outcome.kind === 'skip') return JSON.stringify({ skip: outcome.reason })
  const { code, message, retryable } = outcome
  return JSON.stringify({ error: { code, message, retryable } })
}

/** Throws when the text is not an outcome. */
export function decodeOutcome(text: string): Outcome {
  const body = bodySchema.parse(JSON.parse(text))
  if ('output' in body) return { kind: 'output', output: body.output }
  if ('skip' in body) return { kind: 'skip', reason: body.skip }
  return { kind: 'error', ...body.error }
}

/** Exit code of the container. */
export function exitCodeOf(outcome: Outcome): 0 | 1 {
  return outcome.kind === 'error' ? 1 : 0
}
