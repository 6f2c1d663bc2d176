import { replaced, type Edit } from './edits.ts'
import { getter, type Given } from './exports.ts'
import { member, moduleName, whole, type Manner } from './imports.ts'
import type { Reading } from './reading.ts'
import { child, children, nameOf, Unusual, type SyntaxNode } from './syntax.ts'

/** What a file exports by itself goes before what it exports of all that another one does. */
const ownNames = '_exportedNames'

/** `export { a } from` and `export * from`. */
export function givenOn(
  nodes: readonly SyntaxNode[],
  reading: Reading,
  manner: Manner,
): Given & { readonly needsWhole: boolean } {
  const edits: Edit[] = []
  const names: string[] = []
  const head: string[] = []
  let needsWhole = false
  for (const [index, node] of nodes.entries()) {
    const source = child(node, 'source')
    if (source === null || node.type === 'ImportDeclaration') continue
    if (children(node, 'attributes').length > 0 || child(node, 'exported') !== null)
      throw new Unusual('an export from elsewhere')
    const module = moduleName(index)
    const loaded = manner.load(nameOf(source))
    if (node.type === 'ExportAllDeclaration') {
      const text = node['exportKind'] === 'type' ? ';' : `var ${module} = ${loaded};${giveAll(module)}`
      edits.push(replaced(reading.source, node.start, node.end, text))
      continue
    }
    const specifiers = children(node, 'specifiers')
    const values = specifiers.filter((each) => each['exportKind'] !== 'type')
    if (node['exportKind'] === 'type' || (values.length === 0 && specifiers.length > 0)) {
      edits.push(replaced(reading.source, node.start, node.end, ';'))
      continue
    }
    const from = values.map((each) => nameOf(child(each, 'local')))
    const isMade = !manner.isWhole && from.includes('default')
    needsWhole ||= isMade
    const text = isMade ? `var ${module} = ${whole}(${loaded});` : `var ${module} = ${loaded};`
    edits.push(replaced(reading.source, node.start, node.end, text))
    for (const [at, each] of values.entries()) {
      const name = nameOf(child(each, 'exported'))
      names.push(name)
      head.push(getter(name, member(module, from[at] ?? name)))
    }
  }
  return { edits, names, head, needsWhole }
}

/** Declares the names that `export *` leaves alone, where there is one. */
export function ownNamesOf(nodes: readonly SyntaxNode[], names: readonly string[]): string {
  const isNeeded = nodes.some(({ type }) => type === 'ExportAllDeclaration')
  return isNeeded ? `var ${ownNames} = ${JSON.stringify(['default', '__esModule', ...names])};` : ''
}

function giveAll(module: string): string {
  const give = `Object.defineProperty(exports, key, { enumerable: true, get: () => ${module}[key] })`
  const isKnown = `${ownNames}.includes(key) || (key in exports && exports[key] === ${module}[key])`
  return `Object.keys(${module}).forEach((key) => { if (!(${isKnown})) ${give}; });`
}
