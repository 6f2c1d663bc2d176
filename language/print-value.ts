import { Pair, Scalar, YAMLMap, YAMLSeq, type ScalarTag } from 'yaml'
import { stringTag } from 'yaml/util'
import { quote } from './expression/quote.ts'
import { printDouble, printExpression } from './expression/print.ts'
import type { ExpressionValue, MapEntry, Value } from './syntax.ts'
import { expressionSource } from './expression-text.ts'

/** Printable characters; no line breaks of any kind, no tabs, no lone surrogates. */
const oneLine = /^[\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\u{10000}-\u{10ffff}]*$/u

/** Values nested deeper stand on one line: with a line each, the indentation of many would outgrow what is read again. */
const mostIndented = 16

/** YAML nodes of a value, with a style that YAML 1.1, YAML 1.2 and Workflows all read alike. */
export function valueNode(value: Value, depth = 0): Scalar | YAMLMap | YAMLSeq {
  switch (value.kind) {
    case 'null':
      return new Scalar(null)
    case 'boolean':
    case 'integer':
    case 'double':
      return new Scalar(value.value)
    case 'string':
      return textNode(value.value)
    case 'expression':
      return expressionNode(value)
    case 'list': {
      const list = listNode(value.items.map((item) => valueNode(item, depth + 1)))
      if (depth >= mostIndented || fitsOneLine(list.items)) list.flow = true
      return list
    }
    case 'map': {
      const map = mapNode(value.entries.map((entry) => [keyNode(entry), valueNode(entry.value, depth + 1)]))
      const nodes = map.items.flatMap((pair) => [pair.key, pair.value])
      if (depth >= mostIndented || fitsOneLine(nodes)) map.flow = true
      return map
    }
  }
}

/** Lists and maps that hold nothing but scalars stand on one line where they are short. */
const longestLine = 96

/** Text that needs quotes or lines of its own is better read on a line of its own, other than an expression. */
function fitsOneLine(nodes: readonly unknown[]): boolean {
  const lengths = nodes.map((node) => {
    if (!(node instanceof Scalar)) return longestLine
    const text = String(node.value)
    const isShort = typeof node.value !== 'string' || isPlainText(text) || /^\$\{.*\}$/.test(text)
    return isShort && node.type !== Scalar.QUOTE_DOUBLE ? text.length + 2 : longestLine
  })
  return nodes.length > 0 && lengths.reduce((sum, length) => sum + length, 2) <= longestLine
}

export type YamlNode = Scalar | YAMLMap | YAMLSeq

export function mapNode(entries: readonly (readonly [Scalar | string, YamlNode])[]): YAMLMap {
  const map = new YAMLMap()
  for (const [key, value] of entries)
    map.items.push(new Pair(typeof key === 'string' ? nameNode(key) : key, value))
  return map
}

export function listNode(items: readonly YamlNode[]): YAMLSeq {
  const list = new YAMLSeq()
  list.items.push(...items)
  return list
}

function keyNode(entry: MapEntry): Scalar {
  return typeof entry.key === 'string' ? textNode(entry.key, 'key') : expressionNode(entry.key, 'key')
}

/** Text that Workflows takes as it is: step names, variables, function names. */
export function nameNode(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.type = textStyle(text, 'key')
  return scalar
}

/** Literal text. What would read as an expression becomes an expression that holds the text. */
function textNode(text: string, place: 'key' | 'value' = 'value'): Scalar {
  if (expressionSource(text) !== undefined) {
    return sourceNode(printExpression({ kind: 'literal', value: text, offset: 0 }))
  }
  const scalar = new Scalar(text)
  scalar.type = textStyle(text, place)
  return scalar
}

/**
 * The source as it is where it stands on one line. Otherwise the expression anew, unless that could be refused: two
 * keys may be one expression over different lines, and escapes may make it longer than an expression may be.
 */
function expressionNode({ source, expression }: ExpressionValue, place: 'key' | 'value' = 'value'): Scalar {
  if (oneLine.test(source)) return sourceNode(source)
  const anew = printExpression(expression)
  if (place === 'value' && anew.length <= source.length) return sourceNode(anew)
  const scalar = new Scalar(`\${${source}}`)
  scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

function sourceNode(source: string): Scalar {
  const scalar = new Scalar(`\${${source}}`)
  const plain = /^[A-Za-z0-9_.,()[\]+\-*/%<>=! ]*$/.test(source)
  scalar.type = plain ? Scalar.PLAIN : Scalar.QUOTE_SINGLE
  return scalar
}

const wordsOfYaml = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null'])

function textStyle(text: string, place: 'key' | 'value'): Scalar.Type {
  if (isPlainText(text)) return Scalar.PLAIN
  if (oneLine.test(text)) return Scalar.QUOTE_SINGLE
  return place === 'value' && isBlockText(text) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE
}

/** Text that no YAML version resolves to anything but a string: it starts with a letter and is no word of YAML's. */
function isPlainText(text: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_./@+=()-]*( [A-Za-z0-9_./@+=()-]+)*$/.test(text) &&
    !wordsOfYaml.has(text.toLowerCase())
  )
}

/** Several lines of printable text, none of which begins or ends in white space. */
function isBlockText(text: string): boolean {
  return (
    text.split('\n').every((line) => oneLine.test(line)) &&
    !/^[ \n]|[ \t]$|[ \t]\n|\n{2,}$/.test(text) &&
    text.trimEnd().includes('\n')
  )
}

/** How numbers are written: YAML 1.1 needs the point and the sign of the exponent to see a double. */
export const doubleTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value: unknown) => typeof value === 'number',
  test: /^[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?$/,
  resolve: (text: string) => Number(text),
  stringify: ({ value }: { value: unknown }) => {
    const double = Number(value)
    if (Number.isFinite(double)) return printDouble(double)
    return Number.isNaN(double) ? '.nan' : double < 0 ? '-.inf' : '.inf'
  },
} as const

/** Double-quoted text is escaped by us: the YAML library leaves line separators and control characters as they are. */
export const textTag: ScalarTag = {
  ...stringTag,
  stringify: (item, context, onComment, onChompKeep) =>
    item.type === Scalar.QUOTE_DOUBLE
      ? quote(String(item.value))
      : (stringTag.stringify?.(item, context, onComment, onChompKeep) ?? quote(String(item.value))),
}
