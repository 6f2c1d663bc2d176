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

/**
 * The position of the character at `index` of a scalar's value. Exact for scalars on one line; for others it is
 * where the scalar starts.
 */
export function positionWithin(node: SourceScalar, index: number): Position {
  if (node.raw.includes('\n')) return node.position
  return { line: node.position.line, column: node.position.column + rawIndex(node.raw, index) }
}

const doubleQuotedPart = /\\(?:x..|u....|U........|.)|[^\\]/suy
const singleQuotedPart = /''|[^']/suy

function rawIndex(raw: string, index: number): number {
  const part = raw.startsWith('"') ? doubleQuotedPart : raw.startsWith("'") ? singleQuotedPart : undefined
  if (part === undefined) return index
  part.lastIndex = 1
  let at = 1
  for (let seen = 0; seen < index; seen++) {
    const found = part.exec(raw)
    if (found === null) return at
    // A character beyond the basic plane is two units of the value, and two of the source when it stands as it is.
    if (found[0].length === 2 && !/^[\\']/.test(found[0])) seen++
    at += found[0].length
  }
  return at
}
