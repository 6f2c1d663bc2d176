import { blank, replaced, type Edit } from './edits.ts'
import type { Reading, Use } from './reading.ts'
import { child, children, nameOf, Unusual, type SyntaxNode } from './syntax.ts'

/** How modules of a file are got. */
export interface Manner {
  /** As an expression, of the text of a specifier, e.g. `require("./a.ts")`. */
  readonly load: (specifier: string) => string
  /** Whether what that gives always is a module as it is, which has its `default` where it has one. */
  readonly isWhole: boolean
  /** Whether all exports of a module are there, and final, once it is imported. */
  readonly isFinal: (specifier: string) => boolean
}

/** What stands for imports while a file is made. */
export interface Imports {
  readonly edits: readonly Edit[]
  /** How a name that is imported is read; a name of its own where it is a constant. */
  readonly reads: ReadonlyMap<string, string>
  /** Whether the helper that makes a whole module of anything is needed. */
  readonly needsWhole: boolean
}

interface Imported {
  readonly local: string
  /** Null: the whole module. */
  readonly name: string | null
}

/** The helper's name, and what the names of modules begin with. */
export const whole = '_importedWhole'
export const moduleName = (index: number) => `_imported${index}`

/**
 * Imports as what they are at run time: of the `needed` names, since others are types. Names of modules that are final
 * become constants, and their uses stay as they are written; names of others are read from the module each time, since
 * modules may import each other.
 */
export function importsOf(
  statements: readonly SyntaxNode[],
  reading: Reading,
  needed: ReadonlySet<string>,
  manner: Manner,
): Imports {
  const edits: Edit[] = []
  const reads = new Map<string, string>()
  let needsWhole = false
  for (const [index, node] of statements.entries()) {
    if (node.type !== 'ImportDeclaration') continue
    if (node['importKind'] === 'type') {
      edits.push(blank(reading.source, node.start, node.end, ';'))
      continue
    }
    if (children(node, 'attributes').length > 0 || typeof node['phase'] === 'string')
      throw new Unusual('an import with attributes')
    const specifier = nameOf(child(node, 'source'))
    const specifiers = children(node, 'specifiers')
    const imported = specifiers.flatMap((each) => importedBy(each, needed))
    if (imported.length === 0 && specifiers.length > 0) {
      edits.push(blank(reading.source, node.start, node.end, ';'))
      continue
    }
    const isMade = !manner.isWhole && imported.some(({ name }) => name === null || name === 'default')
    needsWhole ||= isMade
    const loaded = isMade ? `${whole}(${manner.load(specifier)})` : manner.load(specifier)
    const isFinal = manner.isFinal(specifier)
    for (const { local, name } of imported) {
      if (reading.assigned.has(local)) throw new Unusual('an import that is assigned')
      if (!isFinal && reading.declared.has(local)) throw new Unusual('a name that hides an import')
      reads.set(local, isFinal ? local : name === null ? moduleName(index) : member(moduleName(index), name))
    }
    edits.push(replaced(reading.source, node.start, node.end, statement(index, loaded, imported, isFinal)))
  }
  return { edits, reads, needsWhole }
}

function statement(index: number, loaded: string, imported: readonly Imported[], isFinal: boolean): string {
  if (imported.length === 0) return `${loaded};`
  const module = `var ${moduleName(index)} = ${loaded};`
  if (!isFinal) return module
  const constants = imported.map(({ local, name }) =>
    name === null ? `${local} = ${moduleName(index)}` : `${local} = ${member(moduleName(index), name)}`,
  )
  return `${module} const ${constants.join(', ')};`
}

export function member(object: string, name: string): string {
  return `${object}[${JSON.stringify(name)}]`
}

function importedBy(specifier: SyntaxNode, needed: ReadonlySet<string>): readonly Imported[] {
  const local = nameOf(child(specifier, 'local'))
  if (specifier['importKind'] === 'type' || !needed.has(local)) return []
  if (specifier.type === 'ImportNamespaceSpecifier') return [{ local, name: null }]
  if (specifier.type === 'ImportDefaultSpecifier') return [{ local, name: 'default' }]
  return [{ local, name: nameOf(child(specifier, 'imported')) }]
}

/** Uses of names as reads of what they are imported from. */
export function usesOf(uses: readonly Use[], reads: ReadonlyMap<string, string>): readonly Edit[] {
  return uses.flatMap(({ name, start, end, kind }) => {
    const text = reads.get(name)
    if (text === undefined || text === name) return []
    if (kind === 'short') return [{ start, end, text: `${name}: ${text}` }]
    return [{ start, end, text: kind === 'called' ? `(0, ${text})` : text }]
  })
}
