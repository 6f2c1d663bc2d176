import { z } from 'zod'
import { defineContract } from '../contract.ts'

/** Variables of the built-in step begin with it; which there are, the hooks of the DAG say. */
export const hookVariablePrefix = 'HOOK_'

/**
 * Posts an event to an address that only Secret Manager holds: from a container, so that no source, history or log of a
 * workflow shows it. Every image that `runMain` starts has it. It is told the name of the variable with the address, never
 * the address.
 */
export function notifyContract(variables: readonly string[]) {
  return defineContract({
    name: 'dagwright/notify',
    image: 'steps',
    input: z.object({
      variable: z.string().describe('name of the variable that holds the address'),
      body: z.record(z.string(), z.unknown()).describe('posted as JSON'),
    }),
    output: z.object({ status: z.int().describe('of the answer') }),
    timeout: '60s',
    env: variables,
  })
}
