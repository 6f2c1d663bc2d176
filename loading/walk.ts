import { blank } from './edits.ts'
import { assign, declare, take, takeStatement, type Reading, type Use } from './reading.ts'
import { child, children, everyChild, nameOf, Unusual, type SyntaxNode } from './syntax.ts'
import { readClass } from './classes.ts'

type Walk = (node: SyntaxNode | null) => void
type Reader = (node: SyntaxNode, reading: Reading, walk: Walk) => void

/**
 * Walks a statement or expression: its types are taken out of the source, the names that it reads, declares and assigns
 * are noted.
 *
 * @throws Unusual where TypeScript makes code of something, or the meaning would change
 */
export function read(node: SyntaxNode, reading: Reading): void {
  const reader = readers[node.type]
  if (reader === undefined) throw new Unusual(node.type)
  reader(node, reading, (next) => {
    if (next !== null) read(next, reading)
  })
}

const all: Reader = (node, _, walk) => everyChild(node).forEach(walk)

const nothing: Reader = () => undefined

/** Taken out as a whole where it only declares. */
const type: Reader = (node, reading) => takeStatement(reading, node)

const onlyDeclared: Reader = (node, reading) => {
  if (node['declare'] !== true) throw new Unusual(node.type)
  takeStatement(reading, node)
}

/** A statement that a line's end may end: where it ended with a type, a semicolon now does. */
const ended: Reader = (node, reading, walk) => {
  const { length } = reading.edits
  all(node, reading, walk)
  endStatement(node, reading, length)
}

function endStatement({ end }: SyntaxNode, reading: Reading, from: number): void {
  if (reading.edits.slice(from).some((edit) => edit.end === end && edit.start < end))
    reading.edits.push({ start: end, end, text: ';' })
}

const use =
  (kind: Use['kind']): Reader =>
  (node, { uses }) => {
    if (node['name'] === 'arguments' || node['name'] === 'eval') throw new Unusual(nameOf(node))
    uses.push({ name: nameOf(node), start: node.start, end: node.end, kind })
  }

const identifier = use('plain')
const shorthand = use('short')
const called = use('called')

/** What is called: a name loses the object that it is taken from, in parentheses too. */
function readCallee(callee: SyntaxNode | null, reading: Reading, walk: Walk): void {
  if (callee?.type === 'Identifier') called(callee, reading, walk)
  else if (callee?.type === 'ParenthesizedExpression') readCallee(child(callee, 'expression'), reading, walk)
  else walk(callee)
}

const functionLike: Reader = (node, reading, walk) => {
  if (node['declare'] === true) return takeStatement(reading, node)
  const id = child(node, 'id')
  if (id !== null) reading.declared.add(nameOf(id))
  const types = child(node, 'typeParameters')
  const params = children(node, 'params')
  if (types !== null && node.type === 'ArrowFunctionExpression') refuseLineEnds(node, types, reading)
  take(reading, types)
  params.forEach((param, index) => {
    if (param.type === 'Identifier' && param['name'] === 'this')
      reading.edits.push(blank(reading.source, param.start, params[index + 1]?.start ?? param.end))
    else declare(reading, param, walk)
  })
  take(reading, child(node, 'returnType'))
  walk(child(node, 'body'))
}

/** `return <T>⏎(x) => x` would return nothing without its type parameters. */
function refuseLineEnds(node: SyntaxNode, types: SyntaxNode, { source }: Reading): void {
  const params = source.indexOf('(', types.end)
  if (/[\r\n\u2028\u2029]/.test(source.slice(node.start, params))) throw new Unusual('types over lines')
}

const variables: Reader = (node, reading, walk) => {
  if (!['const', 'let', 'var'].includes(String(node['kind']))) throw new Unusual(String(node['kind']))
  for (const declarator of children(node, 'declarations')) {
    const id = child(declarator, 'id')
    if (id !== null) declare(reading, id, walk)
    walk(child(declarator, 'init'))
  }
}

const loop: Reader = (node, reading, walk) => {
  const left = child(node, 'left')
  if (left?.type === 'VariableDeclaration') variables(left, reading, walk)
  else if (left !== null) assign(reading, left, walk)
  walk(child(node, 'right'))
  walk(child(node, 'body'))
}

/** An expression whose type is said behind it. */
const typedBehind: Reader = (node, reading, walk) => {
  const expression = child(node, 'expression')
  walk(expression)
  if (expression !== null) reading.edits.push(blank(reading.source, expression.end, node.end))
}

const readers: Readonly<Record<string, Reader>> = {
  ArrayExpression: all,
  AwaitExpression: all,
  BinaryExpression: all,
  BlockStatement: all,
  ChainExpression: all,
  ConditionalExpression: all,
  DoWhileStatement: all,
  IfStatement: all,
  LogicalExpression: all,
  ObjectExpression: all,
  ParenthesizedExpression: all,
  SequenceExpression: all,
  SpreadElement: all,
  SwitchCase: all,
  SwitchStatement: all,
  TemplateLiteral: all,
  TryStatement: all,
  UnaryExpression: all,
  WhileStatement: all,
  YieldExpression: all,
  ExpressionStatement: ended,
  ReturnStatement: ended,
  ThrowStatement: ended,
  BreakStatement: nothing,
  ContinueStatement: nothing,
  DebuggerStatement: nothing,
  EmptyStatement: nothing,
  Literal: nothing,
  PrivateIdentifier: nothing,
  Super: nothing,
  TemplateElement: nothing,
  ThisExpression: nothing,
  Identifier: identifier,
  ArrowFunctionExpression: functionLike,
  FunctionDeclaration: functionLike,
  FunctionExpression: functionLike,
  ClassDeclaration: readClass,
  ClassExpression: readClass,
  ForInStatement: loop,
  ForOfStatement: loop,
  TSAsExpression: typedBehind,
  TSNonNullExpression: typedBehind,
  TSSatisfiesExpression: typedBehind,
  TSDeclareFunction: type,
  TSInterfaceDeclaration: type,
  TSTypeAliasDeclaration: type,
  TSEnumDeclaration: onlyDeclared,
  TSModuleDeclaration: onlyDeclared,
  AssignmentExpression: (node, reading, walk) => {
    const left = child(node, 'left')
    if (left !== null) assign(reading, left, walk)
    walk(child(node, 'right'))
  },
  UpdateExpression: (node, reading, walk) => {
    const argument = child(node, 'argument')
    if (argument !== null) assign(reading, argument, walk)
  },
  CallExpression: (node, reading, walk) => {
    readCallee(child(node, 'callee'), reading, walk)
    take(reading, child(node, 'typeArguments'))
    children(node, 'arguments').forEach(walk)
  },
  NewExpression: (node, reading, walk) => {
    walk(child(node, 'callee'))
    take(reading, child(node, 'typeArguments'))
    children(node, 'arguments').forEach(walk)
  },
  TaggedTemplateExpression: (node, reading, walk) => {
    readCallee(child(node, 'tag'), reading, walk)
    take(reading, child(node, 'typeArguments'))
    walk(child(node, 'quasi'))
  },
  MemberExpression: (node, _, walk) => {
    walk(child(node, 'object'))
    if (node['computed'] === true) walk(child(node, 'property'))
  },
  MetaProperty: (node) => {
    if (nameOf(child(node, 'meta')) === 'import') throw new Unusual('import.meta')
  },
  Property: (node, reading, walk) => {
    const value = child(node, 'value')
    if (node['shorthand'] === true && value?.type === 'Identifier') return shorthand(value, reading, walk)
    if (node['computed'] === true) walk(child(node, 'key'))
    walk(value)
  },
  CatchClause: (node, reading, walk) => {
    const param = child(node, 'param')
    if (param !== null) declare(reading, param, walk)
    walk(child(node, 'body'))
  },
  ForStatement: (node, reading, walk) => {
    const init = child(node, 'init')
    if (init?.type === 'VariableDeclaration') variables(init, reading, walk)
    else walk(init)
    walk(child(node, 'test'))
    walk(child(node, 'update'))
    walk(child(node, 'body'))
  },
  LabeledStatement: (node, _, walk) => walk(child(node, 'body')),
  VariableDeclaration: (node, reading, walk) => {
    if (node['declare'] === true) return takeStatement(reading, node)
    const { length } = reading.edits
    variables(node, reading, walk)
    endStatement(node, reading, length)
  },
}
