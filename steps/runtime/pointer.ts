import { z } from 'zod'
import { instancesSchema, readInstance, readInstances } from './instances.ts'
import type { OpenBucket } from './object-store.ts'
import { parseObjectUri } from './object-store.ts'

/** Stands for a value of an output that is too large for metadata: a path into the `output` of that object. */
export interface OutputPointer {
  readonly $output: string
  readonly $generation: string
  readonly $path: readonly (string | number)[]
  /** Of a list. */
  readonly $length?: number | undefined
}

const path = z.array(z.union([z.string(), z.int()]))

const pointerSchema = z.strictObject({
  $output: z.string(),
  $generation: z.coerce.string(),
  $path: path,
  $length: z.int().optional(),
})

const selectionSchema = z.strictObject({ $value: z.unknown(), $path: path })

const mergeSchema = z.strictObject({ $merge: z.array(z.unknown()) })

const outcomeSchema = z.object({ output: z.record(z.string(), z.unknown()) })

/**
 * The input with its references resolved, at any depth: pointers are read from their objects, `{$value, $path}` maps
 * are followed, `{$map, …}` becomes the list of what all instances of a mapped task gave, `{$merge: […]}` one map of
 * several, the later ones counting. What a path does not lead to is null, as `map.get` in a workflow has it. Loaded
 * values are data and are not searched again.
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
    const instances = instancesSchema.safeParse(node)
    if (instances.success) return readInstances(instances.data, open)
    const selection = selectionSchema.safeParse(node)
    if (selection.success) return select(selection.data.$value, selection.data.$path)
    const merge = mergeSchema.safeParse(node)
    if (merge.success) return merged(await Promise.all(merge.data.$merge.map(resolve)))
    const entries = Object.entries(node).map(async ([key, child]) => [key, await resolve(child)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }

  async function select(from: unknown, steps: readonly (string | number)[]): Promise<unknown> {
    const [index, ...rest] = steps
    const instances = instancesSchema.safeParse(from)
    if (!instances.success || typeof index !== 'number') return follow(await resolve(from), steps)
    // One of a thousand instances is one object to read.
    return follow(await readInstance(instances.data, index, open), rest)
  }

  return resolve(value)
}

/** What is no map cannot be merged: it stands for itself, for the step to refuse. */
function merged(parts: readonly unknown[]): unknown {
  const other = parts.find((part) => typeof part !== 'object' || part === null || Array.isArray(part))
  return other === undefined ? Object.assign({}, ...parts) : other
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
