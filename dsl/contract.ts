import type { z } from 'zod'

/**
 * What a task needs to know of a step. Declared here by shape: a contract is recognised by its `kind`, whichever
 * package defined it.
 */
export interface StepContract {
  readonly kind: 'step_contract'
  /** `<source>/<verb-noun>`, the argument that the image is started with. */
  readonly name: string
  /** Logical image name. */
  readonly image: string
  readonly input: z.ZodObject
  readonly output: z.ZodObject
  readonly idempotency: 'idempotent' | 'non_idempotent'
  readonly timeoutSeconds: number
  readonly resources: { readonly cpu: string; readonly memory: string }
  readonly env: readonly string[]
  readonly secrets: Readonly<Record<string, string>>
  /** Beginnings of the names of objects that it keeps in the bucket. */
  readonly objects?: readonly string[]
}

/** What a task passes to a step: fields with defaults may be left out. */
export type StepInput<C extends StepContract> = z.input<C['input']>

/** What downstream tasks may refer to. */
export type StepOutput<C extends StepContract> = z.output<C['output']>
