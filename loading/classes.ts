import { blank } from './edits.ts'
import { take, takeStatement, type Reading } from './reading.ts'
import { child, children, nameOf, Unusual, type SyntaxNode } from './syntax.ts'

type Walk = (node: SyntaxNode | null) => void

/** A class without its types. */
export function readClass(node: SyntaxNode, reading: Reading, walk: Walk): void {
  if (node['declare'] === true) return takeStatement(reading, node)
  if (node['abstract'] === true || children(node, 'decorators').length > 0) throw new Unusual('a class')
  const id = child(node, 'id')
  if (id !== null) reading.declared.add(nameOf(id))
  take(reading, child(node, 'typeParameters'))
  walk(child(node, 'superClass'))
  take(reading, child(node, 'superTypeArguments'))
  takeInterfaces(node, reading)
  const body = child(node, 'body')
  if (body !== null) for (const member of children(body, 'body')) readMember(member, reading, walk)
}

function takeInterfaces(node: SyntaxNode, { source, edits }: Reading): void {
  const interfaces = children(node, 'implements')
  const [first, last] = [interfaces[0], interfaces.at(-1)]
  if (first === undefined || last === undefined) return
  edits.push(blank(source, source.lastIndexOf('implements', first.start), last.end))
}

function readMember(member: SyntaxNode, reading: Reading, walk: Walk): void {
  if (member.type === 'StaticBlock') return children(member, 'body').forEach(walk)
  const key = child(member, 'key')
  const isField = member.type === 'PropertyDefinition'
  if (key === null || !(isField || member.type === 'MethodDefinition')) throw new Unusual(member.type)
  if (children(member, 'decorators').length > 0) throw new Unusual('a decorator')
  if (member['declare'] === true) throw new Unusual('a field that is declared')
  if (child(member, 'value')?.type.startsWith('TS') === true && !isField) throw new Unusual('an overload')
  takeModifiers(member, key, reading)
  if (member['optional'] === true || member['definite'] === true) takeMark(member, key, reading)
  if (member['computed'] === true) walk(key)
  if (isField) {
    take(reading, child(member, 'typeAnnotation'))
    walk(child(member, 'value'))
    // What follows a field without a semicolon must not become a part of it.
    if (reading.source[member.end - 1] !== ';')
      reading.edits.push({ start: member.end, end: member.end, text: ';' })
  } else walk(child(member, 'value'))
}

function takeModifiers(member: SyntaxNode, key: SyntaxNode, { source, edits }: Reading): void {
  const before = source.slice(member.start, key.start)
  if (before.includes('/')) throw new Unusual('a comment between modifiers')
  for (const { 0: word, index } of before.matchAll(/\b(?:public|private|protected|readonly|override)\b/g)) {
    const start = member.start + index
    edits.push(blank(source, start, start + word.length, index === 0 ? ';' : ''))
  }
}

/** The `?` or `!` behind the name of a field. */
function takeMark(member: SyntaxNode, key: SyntaxNode, { source, edits }: Reading): void {
  const at = key.end + (member['computed'] === true ? 1 : 0)
  if (!/[?!]/.test(source.charAt(at))) throw new Unusual('a mark elsewhere')
  edits.push(blank(source, at, at + 1))
}
