/** What a source does not carry, or not exactly, left out of a tree: positions, offsets, comments, spacing. */
export function essence(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(essence)
  if (typeof node !== 'object' || node === null) return node
  if ('kind' in node && node.kind === 'expression' && 'expression' in node) {
    return { kind: 'expression', expression: essence(node.expression) }
  }
  const hidden = new Set(['position', 'offset', 'comment', 'source'])
  const entries = Object.entries(node).filter(([key, item]) => !hidden.has(key) && item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, essence(item)]))
}
