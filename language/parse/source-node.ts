import type { Position } from '../position.ts'

/** A YAML or JSON value with its place: aliases resolved, keys as text, integers as bigints. */
export type SourceNode = SourceScalar | SourceList | SourceMap

export interface SourceScalar {
  readonly kind: 'scalar'
  readonly value: null | boolean | bigint | number | string
  /** As it stands in the source, quotes included. */
  readonly raw: string
  readonly position: Position
}

interface SourceList {
  readonly kind: 'list'
  readonly items: readonly SourceNode[]
  readonly position: Position
}

interface SourceMap {
  readonly kind: 'map'
  readonly entries: readonly SourceEntry[]
  readonly position: Position
}

export interface SourceEntry {
  readonly key: string
  readonly keyNode: SourceScalar
  readonly value: SourceNode
}

/** The text of a scalar where Workflows wants a name: `1` and `yes` are names too. */
export function scalarText(node: SourceScalar): string {
  return typeof node.value === 'string' ? node.value : node.raw
}

/** How a node is called in messages. */
export function describeNode(node: SourceNode): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`
  if (node.value === null) return 'null'
  switch (typeof node.value) {
    case 'string':
      return 'a string'
    case 'boolean':
      return 'a boolean'
    case 'bigint':
      return 'an integer'
    default:
      return 'a double'
  }
}
