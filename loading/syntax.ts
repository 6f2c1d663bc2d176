/** A node of the ESTree that the parser makes of TypeScript, with offsets into the source. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** A file holds something that only the thorough way makes JavaScript of. */
export class Unusual extends Error {}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** The node under a key; null where there is none. */
export function child(node: SyntaxNode, key: string): SyntaxNode | null {
  const value = node[key]
  return isNode(value) ? value : null
}

/** The nodes of a list; holes of arrays are left out. */
export function children(node: SyntaxNode, key: string): readonly SyntaxNode[] {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** All nodes right below a node. */
export function everyChild(node: SyntaxNode): readonly SyntaxNode[] {
  return Object.values(node).flatMap((value) =>
    isNode(value) ? [value] : Array.isArray(value) ? value.filter(isNode) : [],
  )
}

/** A name as it is meant, whether an identifier or a text (`export { a as 'b' }`). */
export function nameOf(node: SyntaxNode | null): string {
  const name = node?.['name'] ?? node?.['value']
  if (typeof name !== 'string') throw new Unusual('a name')
  return name
}
