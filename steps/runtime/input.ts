import { z } from 'zod'
import type { AnyStepContract } from './contract.ts'
import type { StepEnvironment } from './environment.ts'
import { StepError } from './error.ts'
import { describe } from './failure.ts'
import type { OpenBucket } from './object-store.ts'
import { resolveReferences } from './pointer.ts'

/** The input with its pointers resolved. */
export async function readInput({ input }: StepEnvironment, open: OpenBucket): Promise<unknown> {
  const json =
    input.kind === 'inline'
      ? input.json
      : Buffer.from(await open(input.bucket).get(input.name)).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw invalidInput(`the input is not JSON: ${describe(error)}`)
  }
  return resolveReferences(value, open)
}

/** Throws a StepError `invalid_input`. */
export function parseInput<C extends AnyStepContract>(contract: C, value: unknown): z.output<C['input']> {
  const parsed = contract.input.safeParse(value)
  if (!parsed.success) throw invalidInput(z.prettifyError(parsed.error))
  return parsed.data as z.output<C['input']>
}

function invalidInput(message: string): StepError {
  return new StepError({ code: 'invalid_input', message, retryable: false })
}
