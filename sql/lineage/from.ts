import type { Expression, From, TableArgument } from '../syntax.ts'
import { orderSources, sourcesOf } from './expression.ts'
import { queryRelation } from './query.ts'
import {
  allSources,
  nothing,
  relation,
  sameName,
  union,
  type LineageColumn,
  type Relation,
  type Sources,
} from './relation.ts'
import { inside, resolveName, type FromItem, type Scope } from './scope.ts'

/** The tables of a FROM clause, each under its alias; `left` are those to the left, which UNNEST may name. */
export function fromItems(from: From, scope: Scope, left: readonly FromItem[]): readonly FromItem[] {
  switch (from.kind) {
    case 'table':
      return [tableItem(from, scope, left)]
    case 'unnest': {
      const sources = sourcesOf(from.array, inside(scope, left))
      return [
        { alias: from.alias?.text ?? null, relation: relation([], { value: sources, rows: sources }) },
        ...(from.offset ? [single(from.offset.text, sources)] : []),
      ]
    }
    case 'subquery':
      return [{ alias: from.alias?.text ?? null, relation: queryRelation(from.query, inside(scope, left)) }]
    case 'tableFunction':
      return [
        {
          alias: from.alias?.text ?? null,
          relation: relation([], { open: argumentSources(from.arguments, scope, left) }),
        },
      ]
    case 'join':
      return joinItems(from, scope, left)
    case 'pivot': {
      const input = fromItems(from.input, scope, left)
      return [{ alias: from.alias?.text ?? null, relation: pivoted(from, input, inside(scope, input)) }]
    }
    case 'unpivot': {
      const input = fromItems(from.input, scope, left)
      return [{ alias: from.alias?.text ?? null, relation: unpivoted(from, input, inside(scope, input)) }]
    }
    case 'pipe':
      return pipeItems(from, scope, left)
  }
}

function single(name: string, sources: Sources): FromItem {
  return { alias: null, relation: relation([{ name, sources }]) }
}

function tableItem(
  from: From & { readonly kind: 'table' },
  scope: Scope,
  left: readonly FromItem[],
): FromItem {
  const { parts } = from.path
  const alias = from.alias?.text ?? parts.at(-1) ?? null
  const names = parts.flatMap((part) => part.split('.'))
  const own = names.length === 1 ? names[0]!.toLowerCase() : null
  const found =
    (own === null ? undefined : (scope.commonTables.get(own) ?? scope.session.temporary.get(own))) ??
    scope.session.tables(names)
  if (found) return { alias, relation: found }
  // `FROM t, t.list` unnests a column of a table to the left.
  if (names.length > 1 && left.some((item) => item.alias !== null && sameName(item.alias, names[0]!))) {
    const sources = resolveName(names, from.at, inside(scope, left))
    return { alias, relation: relation([], { value: sources, rows: sources }) }
  }
  scope.session.unknown.push({ kind: 'table', at: from.at, name: names.join('.'), within: null, known: [] })
  return { alias, relation: relation([], { open: nothing }) }
}

function joinItems(
  from: From & { readonly kind: 'join' },
  scope: Scope,
  left: readonly FromItem[],
): readonly FromItem[] {
  const first = fromItems(from.left, scope, left)
  const second = fromItems(from.right, scope, [...left, ...first])
  const both = [...first, ...second]
  const on = sourcesOf(from.on, inside(scope, [...left, ...both]))
  if (from.using === null) return on.size === 0 ? both : [...both, rowsOnly(on)]
  const shared = from.using.map(({ text }): LineageColumn => {
    const within = (items: readonly FromItem[]) => resolveName([text], from.at, inside(scope, items))
    return { name: text, sources: union(within(first), within(second)) }
  })
  const rest = both.map(({ alias, relation: each }) => ({
    alias,
    relation: {
      ...each,
      columns: each.columns.filter(
        ({ name }) => !shared.some((column) => name !== null && sameName(column.name!, name)),
      ),
    },
  }))
  return [
    { alias: null, relation: relation(shared, { rows: union(...shared.map(({ sources }) => sources)) }) },
    ...rest.map((item, index) => qualified(item, both[index]!)),
  ]
}

/** `t.key` still names a column that USING has joined. */
function qualified(item: FromItem, whole: FromItem): FromItem {
  if (item.relation.columns.length === whole.relation.columns.length) return whole
  const hidden = whole.relation.columns.filter((column) => !item.relation.columns.includes(column))
  const value = item.relation.value ?? union(...hidden.map(({ sources }) => sources))
  return { alias: item.alias, relation: { ...item.relation, value } }
}

function rowsOnly(rows: Sources): FromItem {
  return { alias: null, relation: relation([], { rows }) }
}

function argumentSources(all: readonly TableArgument[], scope: Scope, left: readonly FromItem[]): Sources {
  return union(
    ...all.map((argument) => {
      if (argument.kind === 'query') return allSources(queryRelation(argument.query, scope))
      if (argument.kind === 'value') return sourcesOf(argument.value, inside(scope, left))
      if (argument.kind === 'model') return nothing
      const found = scope.session.tables(argument.path.parts.flatMap((part) => part.split('.')))
      return found === null ? nothing : allSources(found)
    }),
  )
}

function columnsOf(items: readonly FromItem[]): readonly LineageColumn[] {
  return items.flatMap(({ relation: each }) => each.columns)
}

function rowsOf(items: readonly FromItem[]): Sources {
  return union(...items.map(({ relation: each }) => each.rows))
}

function openOf(items: readonly FromItem[]): Sources | null {
  const open = items.flatMap(({ relation: each }) => (each.open === null ? [] : [each.open]))
  return open.length === 0 ? null : union(...open)
}

function pivoted(
  from: From & { readonly kind: 'pivot' },
  input: readonly FromItem[],
  scope: Scope,
): Relation {
  const { aggregates, input: by, values } = from.pivot
  const decided = sourcesOf(by, scope)
  const made = aggregates.flatMap(({ call, alias }) =>
    values.map(({ value, alias: label }): LineageColumn => {
      const text = label?.text ?? (value.kind === 'literal' ? value.text : null)
      const name = text === null ? null : alias === null ? text : `${alias.text}_${text}`
      return { name, sources: union(sourcesOf(call, scope), decided) }
    }),
  )
  const used = new Set(
    [by, ...aggregates.map(({ call }) => call)].flatMap((each) =>
      namesIn(each).map((name) => name.toLowerCase()),
    ),
  )
  const kept = columnsOf(input).filter(({ name }) => name === null || !used.has(name.toLowerCase()))
  return relation([...kept, ...made], { rows: union(rowsOf(input), decided), open: openOf(input) })
}

/** Names of columns in an expression without subqueries. */
function namesIn(expression: Expression): readonly string[] {
  if (expression.kind === 'name') return [expression.name]
  if (expression.kind === 'call') return expression.arguments.flatMap(({ value }) => namesIn(value))
  if (expression.kind === 'binary') return [...namesIn(expression.left), ...namesIn(expression.right)]
  return []
}

function unpivoted(
  from: From & { readonly kind: 'unpivot' },
  input: readonly FromItem[],
  scope: Scope,
): Relation {
  const { values, label, columns } = from.unpivot
  const used = columns.flatMap((each) => each.columns.map(({ text }) => text))
  const made = values.map(({ text }, index) => ({
    name: text,
    sources: union(
      ...columns.map((each) => {
        const name = each.columns[index]
        return name ? resolveName([name.text], name.at, scope) : nothing
      }),
    ),
  }))
  const kept = columnsOf(input).filter(
    ({ name }) => name === null || !used.some((column) => sameName(column, name)),
  )
  return relation([...kept, ...made, { name: label.text, sources: nothing }], {
    rows: rowsOf(input),
    open: openOf(input),
  })
}

function pipeItems(
  from: From & { readonly kind: 'pipe' },
  outer: Scope,
  left: readonly FromItem[],
): readonly FromItem[] {
  const input = fromItems(from.input, outer, left)
  const scope = inside(outer, input)
  const { step } = from
  switch (step.kind) {
    case 'where':
      return [...input, rowsOnly(sourcesOf(step.condition, scope))]
    case 'assert':
      sourcesOf(step.condition, scope)
      return input
    case 'order':
      return step.limit === null ? input : [...input, rowsOnly(orderSources(step.orderBy, scope))]
    case 'extend':
      return [
        ...input,
        {
          alias: null,
          relation: relation(
            step.items.flatMap((item) =>
              item.kind === 'expression'
                ? [{ name: item.alias?.text ?? null, sources: sourcesOf(item.value, scope) }]
                : [],
            ),
          ),
        },
      ]
    case 'set':
      return changed(input, ({ name, sources }) => {
        const set = step.items.find((item) => name !== null && sameName(item.name.text, name))
        return [{ name, sources: set ? sourcesOf(set.value, scope) : sources }]
      })
    case 'drop':
      return changed(input, (column) =>
        step.names.some(({ text }) => column.name !== null && sameName(text, column.name)) ? [] : [column],
      )
    case 'rename':
      return changed(input, (column) => {
        const to = step.names.find(({ from: old }) => column.name !== null && sameName(old.text, column.name))
        return [to ? { ...column, name: to.to.text } : column]
      })
    case 'as':
      return [
        {
          alias: step.alias.text,
          relation: relation(columnsOf(input), { rows: rowsOf(input), open: openOf(input) }),
        },
      ]
  }
}

function changed(
  items: readonly FromItem[],
  change: (column: LineageColumn) => readonly LineageColumn[],
): readonly FromItem[] {
  return items.map(({ alias, relation: each }) => ({
    alias,
    relation: { ...each, columns: each.columns.flatMap(change) },
  }))
}
