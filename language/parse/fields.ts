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

  /** The entry of two keys of which exactly one must be there; reports both and neither. */
  requireOne(one: string, other: string, what: string, problems: Problems): SourceEntry | undefined {
    const [first, second] = [this.#entries.get(one), this.#entries.get(other)]
    const keys = `${one}, ${other}`
    if (first && second) {
      problems.add('conflicting-keys', `${what} can have only one of: ${keys}`, second.value.position)
      return undefined
    }
    if (!first && !second) {
      problems.add('missing-key', `${what} needs one of the keys: ${keys}`, this.node.position)
    }
    return first ?? second
  }
}

/** The fields of a map; reports anything else. */
export function readFields(node: SourceNode, what: string, problems: Problems): Fields | undefined {
  if (node.kind === 'map') return new Fields(node)
  problems.add('wrong-type', `${what} must be a map, got ${describeNode(node)}`, node.position)
  return undefined
}
