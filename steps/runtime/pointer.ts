import { z } from 'zod'
import type { OpenBucket } from './object-store.ts'
import { parseObjectUri } from './object-store.ts'

/** Stands for a value of an output that is too large for metadata: a path into the `output` of that object. */
export interface OutputPointer {
  readonly $output: string
  readonly $generation: string
  readonly $path: readonly (string | number)[]
}

const path = z.array(z.union([z.string(), z.int()]))

const pointerSchema = z.strictObject({ $output: z.string(), $generation: z.coerce.string(), $path: path })

const selectionSchema = z.strictObject({ $value: z.unknown(), $path: path })

const outcomeSchema = z.object({ output: z.record(z.string(), z.unknown()) })

/**
 * The input with its references resolved, at any depth: pointers are read from their objects, `{$value, $path}` maps
 * are followed. What a path does not lead to is null, as `map.get` in a workflow has it. Loaded values are data and
 * are not searched again.
 */
export async function resolveReferences(value: unknown, open: OpenBucket): Promise<unknown> {
  const outputs = new Map<string, Promise<unknown>>()

  function load(pointer: OutputPointer): Promise<unknown> {
    const key = `${pointer.$output}#${pointer.$generation}`
    const known = outputs.get(key)
    if (known) return known
    const { bucket, name } = parseObjectUri(pointer.$output)
    const output = open(bucket)
      .get(name, pointer.$generation)
      .then((bytes) => outcomeSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).output)
    outputs.set(key, output)
    return output
  }

  async function resolve(node: unknown): Promise<unknown> {
    if (Array.isArray(node)) return Promise.all(node.map(resolve))
    if (typeof node !== 'object' || node === null) return node
    const pointer = pointerSchema.safeParse(node)
    if (pointer.success) return follow(await load(pointer.data), pointer.data.$path)
    const selection = selectionSchema.safeParse(node)
    if (selection.success) return follow(await resolve(selection.data.$value), selection.data.$path)
    const entries = Object.entries(node).map(async ([key, child]) => [key, await resolve(child)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }

  return resolve(value)
}

function follow(value: unknown, steps: readonly (string | number)[]): unknown {
  let node = value
  for (const step of steps) {
    const isArray = Array.isArray(node)
    if (typeof node !== 'object' || node === null || isArray !== (typeof step === 'number')) return null
    if (!Object.hasOwn(node, step)) return null
    node = (node as Record<string | number, unknown>)[step]
  }
  return node ?? null
}
