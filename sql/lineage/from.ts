import type { From, TableArgument } from '../syntax.ts'
import { sourcesOf, valueOf } from './expression.ts'
import { pipeItems } from './pipe.ts'
import { pivoted, unpivoted } from './pivot.ts'
import { queryRelation } from './query.ts'
import {
  allSources,
  columnNamed,
  columnsOfValue,
  nothing,
  relation,
  sameName,
  union,
  type LineageColumn,
  type Relation,
  type Sources,
  type Value,
} from './relation.ts'
import { inside, isItem, resolveName, tableNamed, type FromItem, type Scope } from './scope.ts'
import { plain } from './shape.ts'

/** The tables of a FROM clause, each under its alias; `left` are those to the left, which UNNEST may name. */
export function fromItems(from: From, scope: Scope, left: readonly FromItem[]): readonly FromItem[] {
  switch (from.kind) {
    case 'table':
      return [tableItem(from, scope, left)]
    case 'unnest': {
      const array = valueOf(from.array, inside(scope, left))
      return [unnested(array, from.alias?.text ?? null), ...offsetItem(from.offset?.text, array.sources)]
    }
    case 'subquery':
      return [{ alias: from.alias?.text ?? null, relation: queryRelation(from.query, scope) }]
    case 'tableFunction':
      return [tableFunction(from, scope, left)]
    case 'join':
      return joinItems(from, scope, left)
    case 'pivot': {
      const input = fromItems(from.input, scope, left)
      return [{ alias: from.alias?.text ?? null, relation: pivoted(from.pivot, input, scope) }]
    }
    case 'unpivot': {
      const input = fromItems(from.input, scope, left)
      return [
        { alias: from.alias?.text ?? null, relation: unpivoted(from.unpivot, input, inside(scope, input)) },
      ]
    }
    case 'pipe':
      return pipeItems(from, scope, left)
  }
}

/** One row per element; an element that is a struct gives its fields as columns. */
function unnested({ sources, shape }: Value, alias: string | null): FromItem {
  const value: Value = { sources, shape: shape?.kind === 'array' ? shape.element : null }
  return { alias, relation: relation(columnsOfValue(value), { value, rows: sources }) }
}

function offsetItem(name: string | undefined, sources: Sources): readonly FromItem[] {
  return name === undefined ? [] : [{ alias: null, relation: relation([{ name, sources, shape: plain }]) }]
}

function tableItem(
  from: From & { readonly kind: 'table' },
  scope: Scope,
  left: readonly FromItem[],
): FromItem {
  const { session } = scope
  const { parts } = from.path
  const alias = from.alias?.text ?? parts.at(-1)?.split('.').at(-1) ?? null
  const names = parts.flatMap((part) => part.split('.'))
  const within = inside(scope, left)
  const path = names.map((text) => ({ text, at: from.at }))
  // `FROM t, t.list` unnests a column of a table to the left, or of a query around.
  const isColumn = parts.length > 1 && isItem(names[0]!, within)
  const isNear = left.some((item) => item.alias !== null && sameName(item.alias, names[0]!))
  if (isColumn && isNear) return unnested(resolveName(path, within), alias)
  const common = names.length === 1 ? scope.commonTables.get(names[0]!.toLowerCase()) : undefined
  const found = common ?? tableNamed(names, session)
  if (found) return { alias, relation: found }
  if (isColumn) return unnested(resolveName(path, within), alias)
  if (!names.some((name) => /^(INFORMATION_SCHEMA|__TABLES__)$/i.test(name)))
    session.unknown.push({ kind: 'table', at: from.at, name: names.join('.'), within: null, known: [] })
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
  const keys: Sources[] = []
  const shared = from.using.map((name): LineageColumn => {
    const within = (items: readonly FromItem[]) => resolveName([name], inside(scope, items))
    const [one, other] = [within(first), within(second)]
    keys.push(one.sources, other.sources)
    // An outer join takes the key of the side whose rows all stay.
    if (from.type === 'LEFT') return { name: name.text, ...one }
    if (from.type === 'RIGHT') return { name: name.text, ...other }
    return { name: name.text, sources: union(one.sources, other.sources), shape: one.shape ?? other.shape }
  })
  const names = shared.flatMap(({ name }) => name ?? [])
  return [{ alias: null, relation: relation(shared, { rows: union(...keys) }) }, ...hide(both, names)]
}

/** Leaves out columns by name, which an alias before them still names. */
export function hide(items: readonly FromItem[], names: readonly string[]): readonly FromItem[] {
  return items.map((item) => {
    const { alias, relation: each, whole = each.columns } = item
    const gone = names.flatMap((name) => columnNamed(each.columns, name) ?? [])
    if (gone.length === 0) return item
    const columns = each.columns.filter((column) => !gone.includes(column))
    return { alias, relation: { ...each, columns, hidden: [...each.hidden, ...gone] }, whole }
  })
}

export function rowsOnly(rows: Sources): FromItem {
  return { alias: null, relation: relation([], { rows }) }
}

function tableFunction(
  from: From & { readonly kind: 'tableFunction' },
  scope: Scope,
  left: readonly FromItem[],
): FromItem {
  const names = from.path.parts.flatMap((part) => part.split('.'))
  const alias = from.alias?.text ?? names.at(-1) ?? null
  const given = from.arguments.map((argument) => argumentRelation(argument, scope, left))
  const rows = union(...given.map((each) => each.rows))
  const sources = union(...given.map(allSources))
  const known = scope.session.functions.get(names.slice(-2).join('.').toLowerCase())
  // What a function does with its arguments is not known: every column may come from all of them.
  if (known === undefined) return { alias, relation: relation([], { open: sources, rows }) }
  const columns = known.columns.map((column) => ({ ...column, sources: union(column.sources, sources) }))
  return { alias, relation: { ...known, columns, rows: union(known.rows, rows) } }
}

function argumentRelation(argument: TableArgument, scope: Scope, left: readonly FromItem[]): Relation {
  if (argument.kind === 'query') return queryRelation(argument.query, scope)
  if (argument.kind === 'value')
    return relation([{ name: null, sources: sourcesOf(argument.value, inside(scope, left)) }])
  if (argument.kind === 'model') return relation([])
  return tableItem(
    { kind: 'table', at: argument.at, path: argument.path, alias: null, systemTime: false },
    scope,
    left,
  ).relation
}
