import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import type { TransformOptions } from 'jiti'
import type * as Oxc from 'oxc-parser'
import { edited } from './edits.ts'
import { givenBy, isOfTypes, readStatement, type Exports } from './exports.ts'
import { importsOf, usesOf, whole, type Manner } from './imports.ts'
import { givenOn, ownNamesOf } from './re-exports.ts'
import { newReading } from './reading.ts'
import { isNode, Unusual, type SyntaxNode } from './syntax.ts'

const load = createRequire(import.meta.url)

/** Names that mean something else in a CommonJS module, or that are given to a file here. */
const taken =
  /^(?:require|module|exports|__filename|__dirname|jitiImport|jitiESMResolve|_default|_imported\w+|_exportedNames)$/

/**
 * The JavaScript of a TypeScript file as a CommonJS module, with every line where it was and nearly every column: types
 * become blanks, imports and exports what Babel makes of them. Null for a file that holds anything else of TypeScript,
 * that is wrong, or where the parser does not run.
 */
export function quickly(options: TransformOptions, finals: ReadonlySet<string>): string | null {
  const { source, filename = '', ts, jsx, interopDefault } = options
  if (ts !== true || jsx === true || !/\.[cm]?ts$/.test(filename)) return null
  if (source.startsWith('#!') || source.startsWith('\uFEFF')) return null
  const isAsync = options.async === true
  const manner: Manner = {
    load: (specifier) =>
      isAsync ? `await jitiImport(${JSON.stringify(specifier)})` : `require(${JSON.stringify(specifier)})`,
    isWhole: interopDefault === false,
    isFinal: (specifier) => finals.has(specifier) || specifier.startsWith('node:'),
  }
  try {
    const nodes = statementsOf(source, filename)
    const code = nodes === null ? null : moduleOf(source, nodes, manner)
    return code !== null && isScript(code, isAsync) ? code : null
  } catch (error) {
    if (error instanceof Unusual) return null
    throw error
  }
}

/** Null where the file has mistakes, which Babel tells better, or the machine has no such parser. */
function statementsOf(source: string, filename: string): readonly SyntaxNode[] | null {
  let parser: typeof Oxc
  try {
    parser = load('oxc-parser') as typeof Oxc
  } catch {
    return null
  }
  const { errors, program } = parser.parseSync(filename, source, { lang: 'ts', sourceType: 'module' })
  if (errors.length > 0) return null
  return (program.body as readonly unknown[]).filter(isNode)
}

function moduleOf(source: string, nodes: readonly SyntaxNode[], manner: Manner): string {
  refuseLateImports(nodes)
  const reading = newReading(source)
  const exports: Exports = { given: [], ends: new Map(), types: new Set() }
  for (const node of nodes) readStatement(node, reading, exports)
  const read = reading.uses.map(({ name }) => name)
  if ([...read, ...reading.declared, ...reading.assigned].some((name) => taken.test(name)))
    throw new Unusual('a name that is taken')
  const needed = new Set([...read, ...reading.assigned, ...exports.given.map(({ local }) => local)])
  const imports = importsOf(nodes, reading, needed, manner)
  const own = givenBy(exports, reading, imports)
  const others = givenOn(nodes, reading, manner)
  const names = [...own.names, ...others.names]
  if (new Set(names).size < names.length) throw new Unusual('a name that is exported twice')
  const head = [
    '"use strict";Object.defineProperty(exports, "__esModule", { value: true });',
    ownNamesOf(nodes, names),
    imports.needsWhole || others.needsWhole ? makeWhole : '',
    ...own.head,
    ...others.head,
  ]
  return edited(source, [
    { start: 0, end: 0, text: head.join('') },
    ...reading.edits,
    ...imports.edits,
    ...usesOf(reading.uses, imports.reads),
    ...own.edits,
    ...others.edits,
  ])
}

/** A module with its `default`, which anything is but a module that was made of an ECMAScript one. */
const makeWhole = `function ${whole}(value) { return value && value.__esModule ? value : { __proto__: null, ...(Object(value) === value ? value : {}), default: value }; }`

/** An import runs before everything else, so that it stays on its line only where it comes first. */
function refuseLateImports(nodes: readonly SyntaxNode[]): void {
  const running = nodes.filter((node) => !isOfTypes(node) && node.type !== 'FunctionDeclaration')
  const isImport = (node: SyntaxNode) => isNode(node['source'])
  const first = running.findIndex((node) => !isImport(node))
  if (first >= 0 && running.slice(first).some(isImport)) throw new Unusual('an import after other statements')
}

/** Whether Node takes it: what it refuses, Babel tells with its place. */
function isScript(code: string, isAsync: boolean): boolean {
  try {
    const names = 'exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve'
    void new Script(`(${isAsync ? 'async ' : ''}function (${names}) { ${code}\n});`)
    return true
  } catch {
    return false
  }
}
