import { blank, type Edit } from './edits.ts'
import { child, children, nameOf, Unusual, type SyntaxNode } from './syntax.ts'

/** A place where the value of a name is read. */
export interface Use {
  readonly name: string
  readonly start: number
  readonly end: number
  /** `called` must lose the object that it is taken from, `short` stands for a key too: `{ name }`. */
  readonly kind: 'plain' | 'called' | 'short'
}

/** What is known of a file after its tree has been walked. */
export interface Reading {
  readonly source: string
  readonly edits: Edit[]
  readonly uses: Use[]
  /** Names that are declared anywhere but by imports. */
  readonly declared: Set<string>
  /** Names that are given a value after their declaration. */
  readonly assigned: Set<string>
}

export function newReading(source: string): Reading {
  return { source, edits: [], uses: [], declared: new Set(), assigned: new Set() }
}

/** Takes a part away, as far as it is there. */
export function take(reading: Reading, node: SyntaxNode | null): void {
  if (node !== null) reading.edits.push(blank(reading.source, node.start, node.end))
}

/** Takes a statement away: a semicolon is left, so that what is around it does not become one. */
export function takeStatement(reading: Reading, { start, end }: SyntaxNode): void {
  reading.edits.push(blank(reading.source, start, end, ';'))
}

/** Takes away what stands behind the name of a parameter or variable: `?`, `!` and its type. */
function takeBehindName(reading: Reading, node: SyntaxNode, name: string): void {
  const end = node.start + name.length
  if (reading.source.slice(node.start, end) !== name) throw new Unusual('an escaped name')
  if (end < node.end) reading.edits.push(blank(reading.source, end, node.end))
}

/** Declares the names of a pattern without their types, and hands over the expressions in it. */
export function declare(reading: Reading, pattern: SyntaxNode, walk: (node: SyntaxNode) => void): void {
  eachName(pattern, walk, (node) => {
    const name = nameOf(node)
    reading.declared.add(name)
    takeBehindName(reading, node, name)
  })
  const typed = pattern.type === 'AssignmentPattern' ? child(pattern, 'left') : pattern
  if (typed === null || typed.type === 'Identifier') return
  if (typed['optional'] === true) throw new Unusual('an optional pattern')
  take(reading, child(typed, 'typeAnnotation'))
}

/** Notes the names of a pattern that is assigned to, and hands over the expressions in it. */
export function assign(reading: Reading, pattern: SyntaxNode, walk: (node: SyntaxNode) => void): void {
  eachName(pattern, walk, (node) => reading.assigned.add(nameOf(node)))
}

/** The names that a pattern declares. */
export function namesIn(pattern: SyntaxNode): string[] {
  const names: string[] = []
  const skip = () => undefined
  eachName(pattern, skip, (node) => names.push(nameOf(node)))
  return names
}

function eachName(
  pattern: SyntaxNode,
  walk: (node: SyntaxNode) => void,
  found: (name: SyntaxNode) => void,
): void {
  const inner = (node: SyntaxNode | null) => {
    if (node !== null) eachName(node, walk, found)
  }
  switch (pattern.type) {
    case 'Identifier':
      found(pattern)
      break
    case 'ObjectPattern':
      for (const property of children(pattern, 'properties')) {
        if (property['computed'] === true) walk(child(property, 'key') ?? property)
        inner(property.type === 'RestElement' ? property : child(property, 'value'))
      }
      break
    case 'ArrayPattern':
      children(pattern, 'elements').forEach(inner)
      break
    case 'AssignmentPattern': {
      inner(child(pattern, 'left'))
      const value = child(pattern, 'right')
      if (value !== null) walk(value)
      break
    }
    case 'RestElement':
      inner(child(pattern, 'argument'))
      break
    case 'TSParameterProperty':
      throw new Unusual('a parameter property')
    default:
      walk(pattern)
  }
}
