import { quote } from './expression/quote.ts'

/** YAML as a tree of what a printer decides: values, their styles, comments; `yamlText` lays it out. */
export type YamlNode = ScalarNode | ListNode | MapNode

/** `plain` text is written as it is; `block` holds lines of printable text. */
export interface ScalarNode {
  readonly kind: 'scalar'
  readonly style: 'plain' | 'single' | 'double' | 'block'
  readonly text: string
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
  /** On one line. */
  readonly flow: boolean
}

export interface MapNode {
  readonly kind: 'map'
  readonly entries: readonly MapNodeEntry[]
  readonly flow: boolean
  /** Text of the comment above it, where it is an item of a list. */
  readonly comment?: string
}

interface MapNodeEntry {
  readonly key: ScalarNode
  readonly value: YamlNode
}

/** Keys that stand before their value on one line are at most so long. https://yaml.org/spec/1.1/#id858600 */
const longestKey = 1024

/** The lines of a node, joined; the first one begins where the text before it ends. Lists stand below their key, not indented. */
export function yamlText(node: YamlNode, indent: string): string {
  const out: string[] = []
  writeBlock(node, indent, out)
  return out.join('')
}

/** A comment: `#` before every line. */
export function commentLines(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => `${indent}#${line === '' ? '' : ` ${line}`}\n`)
    .join('')
}

function writeBlock(node: YamlNode, indent: string, out: string[]): void {
  if (node.kind === 'scalar') out.push(scalarText(node, indent))
  else if (isFlow(node)) writeFlow(node, out)
  else if (node.kind === 'list') writeItems(node, indent, out)
  else writeEntries(node, indent, out)
}

function isFlow(node: ListNode | MapNode): boolean {
  return node.flow || (node.kind === 'list' ? node.items : node.entries).length === 0
}

function writeItems({ items }: ListNode, indent: string, out: string[]): void {
  const inner = `${indent}  `
  for (const [index, item] of items.entries()) {
    if (index > 0) out.push('\n', indent)
    if (item.kind === 'map' && item.comment !== undefined) {
      out.push(commentLines(item.comment, indent).slice(indent.length), indent)
    }
    out.push('- ')
    writeBlock(item, inner, out)
  }
}

function writeEntries({ entries }: MapNode, indent: string, out: string[]): void {
  const inner = `${indent}  `
  for (const [index, { key, value }] of entries.entries()) {
    if (index > 0) out.push('\n', indent)
    const name = scalarText(key, inner)
    if (name.length > longestKey) {
      out.push('? ', name, '\n', indent, ': ')
      writeBlock(value, inner, out)
    } else if (value.kind === 'scalar' || isFlow(value)) {
      out.push(name, ': ')
      writeBlock(value, inner, out)
    } else {
      const below = value.kind === 'list' ? indent : inner
      out.push(name, ':\n', below)
      writeBlock(value, below, out)
    }
  }
}

function writeFlow(node: YamlNode, out: string[]): void {
  if (node.kind === 'scalar') out.push(flowText(node))
  else if (node.kind === 'list') {
    out.push('[')
    for (const [index, item] of node.items.entries()) {
      if (index > 0) out.push(', ')
      writeFlow(item, out)
    }
    out.push(']')
  } else {
    out.push('{')
    for (const [index, { key, value }] of node.entries.entries()) {
      if (index > 0) out.push(', ')
      out.push(flowText(key), ': ')
      writeFlow(value, out)
    }
    out.push('}')
  }
}

/** Within brackets, plain text has none. */
function flowText(scalar: ScalarNode): string {
  if (scalar.style === 'block') return quote(scalar.text)
  return scalar.style === 'plain' && /[[\]{},]/.test(scalar.text)
    ? quote(scalar.text)
    : scalarText(scalar, '')
}

function scalarText({ style, text }: ScalarNode, indent: string): string {
  switch (style) {
    case 'plain':
      return text
    case 'single':
      return `'${text.replaceAll("'", "''")}'`
    case 'double':
      return quote(text)
    case 'block':
      return blockText(text, indent)
  }
}

/** Lines as they are; `-` says that the last one has no line break. */
function blockText(text: string, indent: string): string {
  const lines = text.endsWith('\n') ? text.slice(0, -1) : text
  const indented = lines.split('\n').map((line) => (line === '' ? '\n' : `\n${indent}${line}`))
  return `|${text.endsWith('\n') ? '' : '-'}${indented.join('')}`
}
