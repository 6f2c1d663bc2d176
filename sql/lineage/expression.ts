import type { Call, Expression, Name, OrderItem, WindowReference, WindowSpecification } from '../syntax.ts'
import { queryRelation } from './query.ts'
import {
  allSources,
  nothing,
  union,
  type LineageColumn,
  type Relation,
  type Shape,
  type Sources,
  type Value,
} from './relation.ts'
import { missColumn, resolveName, type Scope } from './scope.ts'
import { counts, eitherShape, fieldOf, plain, shapeOfCall, shapeOfType, shapeWith } from './shape.ts'

/** What the value of an expression is computed from. */
export function sourcesOf(expression: Expression | null | undefined, scope: Scope): Sources {
  return expression ? valueOf(expression, scope).sources : nothing
}

const noValue: Value = { sources: nothing, shape: null }

/** What the value of an expression is computed from, and what it is made of. */
export function valueOf(expression: Expression, scope: Scope): Value {
  const of = (each: Expression | null | undefined) => sourcesOf(each, scope)
  const scalar = (...sources: readonly Sources[]): Value => ({ sources: union(...sources), shape: plain })
  switch (expression.kind) {
    case 'literal':
      return expression.type === 'JSON' || expression.type === 'NULL' ? noValue : scalar()
    case 'parameter':
    case 'system':
    case 'default':
      return noValue
    case 'name':
    case 'field':
      return nameValue(expression, scope)
    case 'index': {
      const object = valueOf(expression.object, scope)
      const index = of(expression.index)
      const shape = object.shape?.kind === 'array' ? object.shape.element : null
      return { sources: union(object.sources, index), shape: shapeWith(shape, index) }
    }
    case 'unary':
    case 'is':
      return scalar(of(expression.operand))
    case 'binary': {
      const left = valueOf(expression.left, scope)
      const right = valueOf(expression.right, scope)
      const joins = expression.operator === '||'
      return {
        sources: union(left.sources, right.sources),
        shape: joins ? eitherShape(left.shape, right.shape) : plain,
      }
    }
    case 'distinct':
      return scalar(of(expression.left), of(expression.right))
    case 'between':
      return scalar(of(expression.operand), of(expression.low), of(expression.high))
    case 'in':
      return scalar(of(expression.operand), inSources(expression, scope))
    case 'like':
      return scalar(of(expression.operand), ...expression.patterns.map(of), of(expression.array))
    case 'case': {
      const conditions = union(of(expression.operand), ...expression.whens.map(({ when }) => of(when)))
      const results = [...expression.whens.map(({ then }) => then), expression.otherwise]
      return either(
        results.flatMap((each) => (each === null ? [] : [valueOf(each, scope)])),
        conditions,
      )
    }
    case 'cast': {
      const sources = union(of(expression.operand), of(expression.format), of(expression.zone))
      return { sources, shape: shapeOfType(expression.type, sources) }
    }
    case 'extract':
      return scalar(of(expression.operand), of(expression.zone))
    case 'interval':
      return scalar(of(expression.value))
    case 'call':
      return callValue(expression, scope)
    case 'array': {
      const { sources, shape } = either(
        expression.items.map((item) => valueOf(item, scope)),
        nothing,
      )
      const element = expression.element === null ? shape : shapeOfType(expression.element, sources)
      return { sources, shape: { kind: 'array', element } }
    }
    case 'struct':
      return structValue(expression, scope)
    case 'subquery':
      return subqueryValue(expression, scope)
  }
}

/** A value that is one of these, by what the conditions say. */
function either(values: readonly Value[], conditions: Sources): Value {
  const shape = values.reduce<Shape | null>((found, value) => eitherShape(found, value.shape), null)
  return {
    sources: union(conditions, ...values.map(({ sources }) => sources)),
    shape: shapeWith(shape, conditions),
  }
}

function nameValue(expression: Expression & { readonly kind: 'name' | 'field' }, scope: Scope): Value {
  const path = pathOf(expression)
  if (path !== null) return resolveName(path, scope)
  const { object, field } = expression as Expression & { readonly kind: 'field' }
  return fieldOf(valueOf(object, scope), [field], (name, known) =>
    missColumn(name, null, known, scope.session),
  )
}

/** The names of `a.b.c`, or null where it does not start with a name. */
export function pathOf(expression: Expression): readonly Name[] | null {
  if (expression.kind === 'name') return [{ text: expression.name, at: expression.at }]
  if (expression.kind !== 'field') return null
  const above = pathOf(expression.object)
  return above && [...above, expression.field]
}

function structValue({ type, items }: Expression & { readonly kind: 'struct' }, scope: Scope): Value {
  const typed = type?.kind === 'struct' ? type.fields : []
  const fields = items.map(({ name, value }, index): LineageColumn => {
    const { sources, shape } = valueOf(value, scope)
    const declared = typed[index]
    return {
      name: name ?? declared?.name ?? nameOf(value),
      sources,
      shape: declared ? shapeOfType(declared.type, sources) : shape,
    }
  })
  return { sources: union(...fields.map(({ sources }) => sources)), shape: { kind: 'struct', fields } }
}

/** The name that a column has without AS. */
export function nameOf(expression: Expression): string | null {
  if (expression.kind === 'name') return expression.name
  if (expression.kind === 'field') return expression.field.text
  return null
}

function subqueryValue({ query, form }: Expression & { readonly kind: 'subquery' }, scope: Scope): Value {
  const found = queryRelation(query, scope)
  if (form === 'exists') return { sources: union(found.rows, allSources(found)), shape: plain }
  decide(found.rows, scope)
  const value = firstValue(found)
  return form === 'array' ? { ...value, shape: { kind: 'array', element: value.shape } } : value
}

function decide(rows: Sources, scope: Scope): void {
  for (const row of rows) scope.decided.add(row)
}

/** The value of a query that gives one column. */
function firstValue({ value, columns, open }: Relation): Value {
  if (value !== null) return value
  const [first] = columns
  return first
    ? { sources: first.sources, shape: first.shape ?? null }
    : { sources: open ?? nothing, shape: null }
}

function inSources(expression: Expression & { readonly kind: 'in' }, scope: Scope): Sources {
  const { source } = expression
  if (source.kind === 'list') return union(...source.items.map((item) => sourcesOf(item, scope)))
  if (source.kind === 'unnest') return sourcesOf(source.array, scope)
  const found = queryRelation(source.query, scope)
  decide(found.rows, scope)
  return allSources(found)
}

function callValue(call: Call & { readonly at: number }, scope: Scope): Value {
  const name = call.name.map(({ text }) => text.toUpperCase()).join('.')
  const values = call.arguments.map(({ value }, index) =>
    index === partPosition(name) && value.kind === 'name' ? noValue : valueOf(value, scope),
  )
  const others = union(
    sourcesOf(call.having?.value, scope),
    orderSources(call.orderBy, scope),
    windowReferenceSources(call.over, scope),
  )
  const given = union(...values.map(({ sources }) => sources))
  // COUNT(*) and SUM(1) are computed from rows, not from values.
  const rows = call.star || (counts.has(name) && given.size === 0) ? rowMarks(scope) : nothing
  const sources = union(given, others, rows)
  return { sources, shape: shapeWith(shapeOfCall(name, values, sources), others) }
}

/** Where a function takes a word, such as a part of dates or a form of Unicode, instead of a value. */
function partPosition(name: string): number {
  if (name.endsWith('_DIFF')) return 2
  if (name === 'WEEK') return 0
  return name.endsWith('_TRUNC') || name === 'LAST_DAY' || name.startsWith('NORMALIZE') ? 1 : -1
}

/** The rows of the tables that a SELECT reads. */
function rowMarks({ items }: Scope): Sources {
  const marks = items.flatMap(({ relation }) => [...relation.rows].filter((source) => source.endsWith('.*')))
  return marks.length === 0 ? nothing : new Set(marks)
}

function windowReferenceSources(reference: WindowReference | null, scope: Scope): Sources {
  if (reference === null) return nothing
  return reference.kind === 'inline'
    ? windowSources(reference.window, scope)
    : namedWindow(reference.name, scope)
}

export function windowSources(window: WindowSpecification, scope: Scope): Sources {
  const { base, partitionBy, orderBy } = window
  return union(
    base === null ? nothing : namedWindow(base, scope),
    ...partitionBy.map((each) => sourcesOf(each, scope)),
    orderSources(orderBy, scope),
  )
}

function namedWindow(name: string, scope: Scope): Sources {
  const key = name.toLowerCase()
  const window = scope.windows.get(key)
  if (window === undefined) return nothing
  // A window may be built on another, never on itself.
  const rest = new Map([...scope.windows].filter(([other]) => other !== key))
  return windowSources(window, { ...scope, windows: rest })
}

export function orderSources(items: readonly OrderItem[], scope: Scope): Sources {
  return union(...items.map(({ value }) => sourcesOf(value, scope)))
}
