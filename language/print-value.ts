import { printDouble, printExpression } from './expression/print.ts'
import type { ExpressionValue, MapEntry, Value } from './syntax.ts'
import { expressionSource } from './expression-text.ts'
import type { ListNode, MapNode, ScalarNode, YamlNode } from './yaml-node.ts'

/** Printable characters; no line breaks of any kind, no tabs, no lone surrogates. */
const oneLine = /^[\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\u{10000}-\u{10ffff}]*$/u

/** Values nested deeper stand on one line: with a line each, the indentation of many would outgrow what is read again. */
const mostIndented = 16

/** YAML nodes of a value, with a style that YAML 1.1, YAML 1.2 and Workflows all read alike. */
export function valueNode(value: Value, depth = 0): YamlNode {
  switch (value.kind) {
    case 'null':
      return scalar('plain', 'null')
    case 'boolean':
    case 'integer':
      return scalar('plain', String(value.value))
    case 'double':
      return scalar('plain', doubleText(value.value))
    case 'string':
      return textNode(value.value)
    case 'expression':
      return expressionNode(value)
    case 'list': {
      const items = value.items.map((item) => valueNode(item, depth + 1))
      return depth >= mostIndented || fitsOneLine(items) ? flowList(items) : listNode(items)
    }
    case 'map': {
      const entries = value.entries.map((entry) => ({
        key: keyNode(entry),
        value: valueNode(entry.value, depth + 1),
      }))
      const nodes = entries.flatMap((entry) => [entry.key, entry.value])
      return { kind: 'map', entries, flow: depth >= mostIndented || fitsOneLine(nodes) }
    }
  }
}

/** Lists and maps stand on one line where they are short. */
const longestLine = 160

/** Whether a list or a map of these nodes is short; none of them needs a line of its own. */
export function fitsOneLine(nodes: readonly YamlNode[]): boolean {
  return nodes.length > 0 && lineLength(nodes) <= longestLine
}

function lineLength(nodes: readonly YamlNode[]): number {
  return nodes.reduce((length, node) => length + 2 + ownLength(node), 2)
}

/** Text that needs quotes or lines of its own is better read on a line of its own, other than an expression or an empty one. */
function ownLength(node: YamlNode): number {
  if (node.kind === 'scalar') return isShort(node) ? node.text.length : Infinity
  if (!node.flow) return Infinity
  return lineLength(
    node.kind === 'list' ? node.items : node.entries.flatMap(({ key, value }) => [key, value]),
  )
}

function isShort({ style, text }: ScalarNode): boolean {
  return style === 'plain' || (style === 'single' && /^(\$\{.*\})?$/.test(text))
}

function scalar(style: ScalarNode['style'], text: string): ScalarNode {
  return { kind: 'scalar', style, text }
}

export function mapNode(entries: readonly (readonly [string, YamlNode])[]): MapNode {
  return {
    kind: 'map',
    entries: entries.map(([key, value]) => ({ key: nameNode(key), value })),
    flow: false,
  }
}

export function listNode(items: readonly YamlNode[]): ListNode {
  return { kind: 'list', items, flow: false }
}

/** A list on one line. */
export function flowList(items: readonly YamlNode[]): ListNode {
  return { kind: 'list', items, flow: true }
}

function keyNode(entry: MapEntry): ScalarNode {
  return typeof entry.key === 'string' ? textNode(entry.key, 'key') : expressionNode(entry.key, 'key')
}

/** Text that Workflows takes as it is: step names, variables, function names. */
export function nameNode(text: string): ScalarNode {
  return scalar(textStyle(text, 'key'), text)
}

/** Literal text. What would read as an expression becomes an expression that holds the text. */
function textNode(text: string, place: 'key' | 'value' = 'value'): ScalarNode {
  if (expressionSource(text) !== undefined) {
    return sourceNode(printExpression({ kind: 'literal', value: text, offset: 0 }))
  }
  return scalar(textStyle(text, place), text)
}

/**
 * The source as it is where it stands on one line. Otherwise the expression anew, unless that could be refused: two
 * keys may be one expression over different lines, and escapes may make it longer than an expression may be.
 */
function expressionNode(
  { source, expression }: ExpressionValue,
  place: 'key' | 'value' = 'value',
): ScalarNode {
  if (oneLine.test(source)) return sourceNode(source)
  const anew = printExpression(expression)
  if (place === 'value' && anew.length <= source.length) return sourceNode(anew)
  return scalar('double', `\${${source}}`)
}

function sourceNode(source: string): ScalarNode {
  const plain = /^[A-Za-z0-9_.,()[\]+\-*/%<>=! ]*$/.test(source)
  return scalar(plain ? 'plain' : 'single', `\${${source}}`)
}

const wordsOfYaml = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null'])

function textStyle(text: string, place: 'key' | 'value'): ScalarNode['style'] {
  if (isPlainText(text)) return 'plain'
  if (oneLine.test(text)) return 'single'
  return place === 'value' && isBlockText(text) ? 'block' : 'double'
}

/**
 * Text that no YAML version resolves to anything but a string: it starts with a letter and is no word of YAML's. Some
 * readers take `e1` for a number.
 */
function isPlainText(text: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_./@+=()-]*( [A-Za-z0-9_./@+=()-]+)*$/.test(text) &&
    !wordsOfYaml.has(text.toLowerCase()) &&
    !/^e[0-9_]+$/i.test(text)
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

/** YAML 1.1 needs the point and the sign of the exponent to see a double. */
function doubleText(value: number): string {
  if (Number.isFinite(value)) return printDouble(value)
  return Number.isNaN(value) ? '.nan' : value < 0 ? '-.inf' : '.inf'
}
