import type { Call, Expression, OrderItem, WindowSpecification } from '../syntax.ts'
import { queryRelation } from './query.ts'
import { allSources, nothing, union, type Sources } from './relation.ts'
import { resolveName, type Scope } from './scope.ts'

/** What the value of an expression is computed from. */
export function sourcesOf(expression: Expression | null | undefined, scope: Scope): Sources {
  if (!expression) return nothing
  const of = (each: Expression | null | undefined) => sourcesOf(each, scope)
  switch (expression.kind) {
    case 'literal':
    case 'parameter':
    case 'system':
    case 'default':
      return nothing
    case 'name':
    case 'field': {
      const path = pathOf(expression)
      return path === null
        ? of((expression as Expression & { readonly kind: 'field' }).object)
        : resolveName(path, expression.at, scope)
    }
    case 'index':
      return union(of(expression.object), of(expression.index))
    case 'unary':
    case 'is':
      return of(expression.operand)
    case 'binary':
    case 'distinct':
      return union(of(expression.left), of(expression.right))
    case 'between':
      return union(of(expression.operand), of(expression.low), of(expression.high))
    case 'in':
      return union(of(expression.operand), inSources(expression, scope))
    case 'like':
      return union(of(expression.operand), ...expression.patterns.map(of), of(expression.array))
    case 'case':
      return union(
        of(expression.operand),
        ...expression.whens.flatMap(({ when, then }) => [of(when), of(then)]),
        of(expression.otherwise),
      )
    case 'cast':
      return union(of(expression.operand), of(expression.format), of(expression.zone))
    case 'extract':
      return union(of(expression.operand), of(expression.zone))
    case 'interval':
      return of(expression.value)
    case 'call':
      return callSources(expression, scope)
    case 'array':
      return union(...expression.items.map(of))
    case 'struct':
      return union(...expression.items.map(({ value }) => of(value)))
    case 'subquery': {
      const found = queryRelation(expression.query, scope)
      return expression.form === 'exists' ? union(found.rows, allSources(found)) : allSources(found)
    }
  }
}

/** The names of `a.b.c`, or null where it does not start with a name. */
export function pathOf(expression: Expression): readonly string[] | null {
  if (expression.kind === 'name') return [expression.name]
  if (expression.kind !== 'field') return null
  const above = pathOf(expression.object)
  return above && [...above, expression.field.text]
}

function inSources(expression: Expression & { readonly kind: 'in' }, scope: Scope): Sources {
  const { source } = expression
  if (source.kind === 'list') return union(...source.items.map((item) => sourcesOf(item, scope)))
  if (source.kind === 'unnest') return sourcesOf(source.array, scope)
  return allSources(queryRelation(source.query, scope))
}

function callSources(call: Call & { readonly at: number }, scope: Scope): Sources {
  const over = call.over
  return union(
    ...call.arguments.map(({ value }) => sourcesOf(value, scope)),
    sourcesOf(call.having?.value, scope),
    orderSources(call.orderBy, scope),
    over?.kind === 'inline' ? windowSources(over.window, scope) : nothing,
  )
}

export function windowSources({ partitionBy, orderBy }: WindowSpecification, scope: Scope): Sources {
  return union(...partitionBy.map((each) => sourcesOf(each, scope)), orderSources(orderBy, scope))
}

export function orderSources(items: readonly OrderItem[], scope: Scope): Sources {
  return union(...items.map(({ value }) => sourcesOf(value, scope)))
}
