import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml'
import type { Position } from '../position.ts'
import { maskFlowExpressions } from './flow-expressions.ts'
import type { Problems } from './problems.ts'
import { scalarText, type SourceEntry, type SourceNode, type SourceScalar } from './source-node.ts'

/**
 * More than a source of 128 KB can hold without aliases; aliases count with all they stand for. Printed, escapes and
 * all, so much is within what `parseWorkflow` reads.
 */
const maxNodes = 200_000
const maxText = 1 << 18
const maxDepth = 400

/** Reads YAML 1.2, and JSON as the part of it that it is. Undefined when the text is not well-formed. */
export function readYaml(source: string, problems: Problems): SourceNode | undefined {
  const text = normalised(source)
  const { document, lines, restore } = parseYaml(text)
  const unknownTags = document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
  const errors = [...document.errors, ...unknownTags]
  if (errors.length > 0) {
    for (const error of errors) {
      problems.add('yaml-syntax', restore(yamlMessage(error)), positionAt(lines, error.pos[0]))
    }
    return undefined
  }
  const reader: Reader = { source: text, lines, problems, restore, anchors: new Map(), nodes: 0, text: 0 }
  try {
    return read(reader, document.contents, { line: 1, column: 1 }, 0).node
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    problems.add('too-complex', error.message, error.position)
    return undefined
  }
}

/** Without a byte order mark; a carriage return alone is a line break too, which the YAML library does not know. */
function normalised(source: string): string {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source
  return text.replace(/\r(?!\n)/g, '\n')
}

interface ParsedYaml {
  readonly document: Document.Parsed
  readonly lines: LineCounter
  /** Turns text of the document into what stands in the source. */
  readonly restore: (text: string) => string
}

/** Parses the source as it is, and where that fails with unquoted expressions inside brackets allowed for. */
function parseYaml(source: string): ParsedYaml {
  const asItIs = parseText(source)
  if (asItIs.document.errors.length === 0) return { ...asItIs, restore: (text) => text }
  const masked = maskFlowExpressions(source)
  if (masked === undefined) return { ...asItIs, restore: (text) => text }
  return { ...parseText(masked.source), restore: masked.restore }
}

function parseText(source: string): Pick<ParsedYaml, 'document' | 'lines'> {
  const lines = new LineCounter()
  const document = parseDocument(source, {
    version: '1.2',
    intAsBigInt: true,
    merge: false,
    // Compares every pair of keys; the reader below checks with a set.
    uniqueKeys: false,
    // A tag such as `!!binary` stands for a type that Workflows does not have.
    resolveKnownTags: false,
    prettyErrors: false,
    lineCounter: lines,
  })
  return { document, lines }
}

function yamlMessage({ code, message }: YAMLParseError | YAMLWarning): string {
  if (code === 'MULTIPLE_DOCS') return 'a source holds one document, not several'
  return code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : message
}

interface Reader {
  readonly source: string
  readonly lines: LineCounter
  readonly problems: Problems
  readonly restore: ParsedYaml['restore']
  /** `undefined` while the node that carries the anchor is being read. */
  readonly anchors: Map<string, Sized | undefined>
  nodes: number
  /** Characters of all scalars. */
  text: number
}

/** A node with the number of nodes and characters that it stands for. */
interface Sized {
  readonly node: SourceNode
  readonly nodes: number
  readonly text: number
}

class Unreadable extends Error {
  readonly position: Position

  constructor(message: string, position: Position) {
    super(message)
    this.position = position
  }
}

type YamlNode = Document['contents']

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function read(reader: Reader, node: YamlNode, parent: Position, depth: number): Sized {
  const position = node?.range ? positionAt(reader.lines, node.range[0]) : parent
  if (depth > maxDepth) throw new Unreadable(`nested deeper than ${maxDepth} levels`, position)
  if (isAlias(node)) return readAlias(reader, node.source, position)
  const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined
  if (anchor !== undefined) reader.anchors.set(anchor, undefined)
  const { nodes, text } = reader
  count(reader, 1, isScalar(node) && typeof node.value === 'string' ? node.value.length : 0, position)
  const result = readPlain(reader, node, position, depth)
  const sized: Sized = { node: result, nodes: reader.nodes - nodes, text: reader.text - text }
  if (anchor !== undefined) reader.anchors.set(anchor, sized)
  return sized
}

function count(reader: Reader, nodes: number, text: number, position: Position): void {
  reader.nodes += nodes
  reader.text += text
  if (reader.nodes > maxNodes)
    throw new Unreadable(`more than ${maxNodes} values, aliases counted in full`, position)
  if (reader.text > maxText)
    throw new Unreadable(`more than ${maxText} characters, aliases counted in full`, position)
}

function readAlias(reader: Reader, name: string, position: Position): Sized {
  const target = reader.anchors.get(name)
  if (target === undefined) {
    const why = reader.anchors.has(name) ? 'stands for a value that contains it' : 'has no anchor before it'
    throw new Unreadable(`alias *${name} ${why}`, position)
  }
  count(reader, target.nodes, target.text, position)
  return target
}

function readPlain(reader: Reader, node: YamlNode, position: Position, depth: number): SourceNode {
  if (isMap(node)) {
    const entries: SourceEntry[] = []
    const seen = new Set<string>()
    for (const pair of node.items) {
      const keyNode = read(reader, isNode(pair.key) ? pair.key : null, position, depth + 1).node
      const value = read(reader, isNode(pair.value) ? pair.value : null, keyNode.position, depth + 1).node
      if (keyNode.kind !== 'scalar') {
        reader.problems.add('wrong-type', `a ${keyNode.kind} cannot be a key`, keyNode.position)
        continue
      }
      const key = scalarText(keyNode)
      if (seen.has(key)) reader.problems.add('duplicate-key', `duplicate key "${key}"`, keyNode.position)
      seen.add(key)
      entries.push({ key, keyNode, value })
    }
    return { kind: 'map', entries, position }
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => read(reader, isNode(item) ? item : null, position, depth + 1).node)
    return { kind: 'list', items, position }
  }
  return isScalar(node)
    ? readScalar(reader, node, position)
    : { kind: 'scalar', value: null, raw: '', position }
}

function readScalar(
  reader: Reader,
  node: { value: unknown; range?: readonly number[] | null | undefined },
  position: Position,
): SourceScalar {
  const raw = node.range ? reader.source.slice(node.range[0], node.range[1]) : ''
  const value = typeof node.value === 'string' ? reader.restore(node.value) : node.value
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
    reader.problems.add('integer-range', `integer ${raw} is out of the 64-bit range`, position)
    return { kind: 'scalar', value: 0n, raw, position }
  }
  if (
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    typeof value === 'number' ||
    typeof value === 'string'
  ) {
    return { kind: 'scalar', value, raw, position }
  }
  reader.problems.add('wrong-type', `unsupported value ${raw}`, position)
  return { kind: 'scalar', value: null, raw, position }
}
