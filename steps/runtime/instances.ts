import { z } from 'zod'
import { ObjectNotFound, parseObjectUri, type OpenBucket } from './object-store.ts'

/** Objects that are read at once. */
const readsAtOnce = 16

/**
 * Stands for what all instances of a mapped task gave: `$map` is the folder that holds one folder per map index,
 * `$count` the number of instances. `outputs` are by position, null where an instance gave none; `outcomes` tell how
 * each instance ended.
 */
export const instancesSchema = z.strictObject({
  $map: z.string(),
  $count: z.int().nonnegative(),
  $as: z.enum(['outputs', 'outcomes']),
})

export type Instances = z.infer<typeof instancesSchema>

interface InstanceOutcome {
  readonly index: number
  readonly state: string
  readonly output: unknown
  readonly error: { readonly code: string; readonly message: string } | null
}

/** `result.json`: what a container wrote, or the workflow for a task without one. */
const resultSchema = z.union([
  z.object({ output: z.unknown(), state: z.enum(['success', 'skipped']).optional() }),
  z.object({ skip: z.string() }).transform(() => ({ output: undefined, state: 'skipped' as const })),
])

/** `outcome.json`: how an instance ended that did not succeed. */
const outcomeSchema = z.object({
  state: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})

export async function readInstances(instances: Instances, open: OpenBucket): Promise<readonly unknown[]> {
  const values: unknown[] = Array.from({ length: instances.$count }, () => null)
  const indexes = values.keys()
  const readers = Array.from({ length: Math.min(readsAtOnce, instances.$count) }, async () => {
    for (const index of indexes) values[index] = await readInstance(instances, index, open)
  })
  await Promise.all(readers)
  return values
}

/** What one instance gave, null beyond the last one. */
export async function readInstance(instances: Instances, index: number, open: OpenBucket): Promise<unknown> {
  if (index >= instances.$count) return null
  const folder = parseObjectUri(instances.$map)
  const read = async (file: string): Promise<unknown> => {
    try {
      const bytes = await open(folder.bucket).get(`${folder.name}${index}/${file}`)
      return JSON.parse(Buffer.from(bytes).toString('utf8'))
    } catch (error) {
      if (error instanceof ObjectNotFound) return null
      throw error
    }
  }
  if (instances.$as === 'outputs') {
    const result = await read('result.json')
    return result === null ? null : (resultSchema.parse(result).output ?? null)
  }
  return outcomeOf(index, read)
}

/** A success or a skip of its own stands in the ledger; of other ends the workflow keeps a note. */
async function outcomeOf(index: number, read: (file: string) => Promise<unknown>): Promise<InstanceOutcome> {
  const result = await read('result.json')
  if (result !== null) {
    const { output, state } = resultSchema.parse(result)
    return { index, state: state ?? 'success', output: output ?? null, error: null }
  }
  const outcome = await read('outcome.json')
  if (outcome === null) return { index, state: 'failed', output: null, error: null }
  return { index, output: null, ...outcomeSchema.parse(outcome) }
}
