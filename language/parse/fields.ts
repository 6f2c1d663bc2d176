import type { Problems } from './problems.ts'
import { describeNode, type SourceEntry, type SourceNode } from './source-node.ts'

/** The keys of a map by name, for reading a body with known keys. */
export class Fields {
  readonly node: SourceNode
  readonly #entries: ReadonlyMap<string, SourceEntry>

  constructor(node: SourceNode & { readonly kind: 'map' }) {
    this.node = node
    this.#entries = new Map(node.entries.map((entry) => [entry.key, entry]))
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()]
  }

  get(key: string): SourceNode | undefined {
    return this.#entries.get(key)?.value
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Reports each key that is not in `known`. */
  refuseOthers(known: readonly string[], what: string, problems: Problems): void {
    for (const { key, keyNode } of this.#entries.values()) {
      if (!known.includes(key)) problems.add('unknown-key', `${what} has no key "${key}"`, keyNode.position)
    }
  }

  /** The value of a key that must be there; reports its absence. */
  require(key: string, what: string, problems: Problems): SourceNode | undefined {
    const value = this.get(key)
    if (value === undefined) problems.add('missing-key', `${what} needs the key "${key}"`, this.node.position)
    return value
  }
}

/** The fields of a map; reports anything else. */
export function readFields(node: SourceNode, what: string, problems: Problems): Fields | undefined {
  if (node.kind === 'map') return new Fields(node)
  problems.add('wrong-type', `${what} must be a map, got ${describeNode(node)}`, node.position)
  return undefined
}
