import { blank, type Edit } from './edits.ts'
import { member, type Imports } from './imports.ts'
import { namesIn, takeStatement, type Reading } from './reading.ts'
import { child, children, nameOf, Unusual, type SyntaxNode } from './syntax.ts'
import { read } from './walk.ts'

/** What a file exports of its own, and where that gets its value. */
export interface Exports {
  readonly given: { readonly local: string; readonly name: string }[]
  /** The end of the statement that declares a name; null for functions, which are there from the beginning. */
  readonly ends: Map<string, number | null>
  /** Names that are types and nothing else. */
  readonly types: Set<string>
}

/** The variable that a default export is before it is given away. */
const whatIsDefault = '_default'
const start = `;${whatIsDefault} =`

/** Reads a statement of a file's top level; what it exports loses its `export`. */
export function readStatement(node: SyntaxNode, reading: Reading, exports: Exports): void {
  const declaration = child(node, 'declaration')
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return
    case 'ExportNamedDeclaration':
      if (declaration !== null) return readExported(node, declaration, reading, exports)
      if (child(node, 'source') === null) readNames(node, reading, exports)
      return
    case 'ExportDefaultDeclaration':
      if (declaration !== null) readDefault(node, declaration, reading, exports)
      return
    default:
      note(node, node.end, exports)
      read(node, reading)
  }
}

function readExported(node: SyntaxNode, declaration: SyntaxNode, reading: Reading, exports: Exports): void {
  if (isOnlyType(declaration)) {
    note(declaration, node.end, exports)
    return takeStatement(reading, node)
  }
  for (const local of note(declaration, node.end, exports)) exports.given.push({ local, name: local })
  reading.edits.push(blank(reading.source, node.start, declaration.start, ';'))
  read(declaration, reading)
}

/** `export { a, b as c }`: what is imported is needed for that. */
function readNames(node: SyntaxNode, reading: Reading, { given }: Exports): void {
  takeStatement(reading, node)
  if (node['exportKind'] === 'type') return
  for (const specifier of children(node, 'specifiers')) {
    if (specifier['exportKind'] === 'type') continue
    given.push({ local: nameOf(child(specifier, 'local')), name: nameOf(child(specifier, 'exported')) })
  }
}

function readDefault(node: SyntaxNode, declaration: SyntaxNode, reading: Reading, exports: Exports): void {
  if (isOnlyType(declaration)) return takeStatement(reading, node)
  if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
    const [local] = note(declaration, node.end, exports)
    if (local === undefined) throw new Unusual('a default export without a name')
    exports.given.push({ local, name: 'default' })
    reading.edits.push(blank(reading.source, node.start, declaration.start, ';'))
  } else {
    exports.given.push({ local: whatIsDefault, name: 'default' })
    exports.ends.set(whatIsDefault, node.end)
    reading.edits.push(blank(reading.source, node.start, declaration.start, start))
  }
  read(declaration, reading)
}

function isOnlyType({ type, declare }: SyntaxNode): boolean {
  return (
    declare === true ||
    ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSDeclareFunction'].includes(type)
  )
}

/** Whether nothing of a statement is there at run time. */
export function isOfTypes(node: SyntaxNode): boolean {
  const declaration = child(node, 'declaration')
  return (
    node['importKind'] === 'type' ||
    node['exportKind'] === 'type' ||
    isOnlyType(node) ||
    (declaration !== null && isOnlyType(declaration))
  )
}

/** Notes what a statement of the top level declares. */
function note(node: SyntaxNode, end: number, { ends, types }: Exports): readonly string[] {
  const id = child(node, 'id')
  if (isOnlyType(node)) {
    if (id?.type === 'Identifier') types.add(nameOf(id))
    return []
  }
  const variables = node.type === 'VariableDeclaration' ? children(node, 'declarations') : []
  const names = variables.flatMap((each) => namesIn(child(each, 'id') ?? each))
  const isFunction = node.type === 'FunctionDeclaration'
  if (id !== null && (isFunction || node.type === 'ClassDeclaration')) names.push(nameOf(id))
  for (const name of names) ends.set(name, isFunction ? null : end)
  return names
}

/** What a file begins with, on its first line, and what it says where its exports get their values. */
export interface Given {
  readonly edits: readonly Edit[]
  readonly names: readonly string[]
  readonly head: readonly string[]
}

/** Exports as assignments: of functions before anything runs, of everything else where it gets its value. */
export function givenBy({ given, ends, types }: Exports, reading: Reading, imports: Imports): Given {
  const edits: Edit[] = []
  const names: string[] = []
  const head: string[] = []
  for (const { local, name } of given) {
    const end = ends.get(local)
    const imported = imports.reads.get(local)
    if (reading.assigned.has(local)) throw new Unusual('an export that changes')
    if (end === undefined && imported === undefined) {
      if (types.has(local)) continue
      throw new Unusual('an export of nothing known')
    }
    names.push(name)
    const text = `${member('exports', name)} = ${local};`
    if (imported !== undefined) head.push(getter(name, imported))
    else if (typeof end === 'number') edits.push({ start: end, end, text: `;${text}` })
    else head.push(text)
  }
  if (names.length > 0)
    head.unshift(`${names.map((name) => `${member('exports', name)} = `).join('')}void 0;`)
  if (given.some(({ local }) => local === whatIsDefault)) head.unshift(`let ${whatIsDefault};`)
  return { edits, names, head }
}

/** An export that is read where it comes from. */
export function getter(name: string, read: string): string {
  return `Object.defineProperty(exports, ${JSON.stringify(name)}, { enumerable: true, get: () => ${read} });`
}
