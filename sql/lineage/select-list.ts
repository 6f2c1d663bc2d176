import type { Expression, SelectItem } from '../syntax.ts'
import { nameOf, pathOf, valueOf } from './expression.ts'
import { columnsOf } from './pivot.ts'
import { columnNamed, columnsOfValue, sameName, union, type LineageColumn, type Sources } from './relation.ts'
import { missColumn, type Scope } from './scope.ts'

interface Columns {
  readonly columns: readonly LineageColumn[]
  /** What `*` gives besides, where its columns are not all known. */
  readonly open: Sources | null
}

/** The columns of a select list. */
export function selectColumns(items: readonly SelectItem[], scope: Scope): Columns {
  const all = items.map((item) => itemColumns(item, scope))
  const open = all.flatMap((each) => (each.open === null ? [] : [each.open]))
  return {
    columns: all.flatMap(({ columns }) => columns),
    open: open.length === 0 ? null : union(...open),
  }
}

function itemColumns(item: SelectItem, scope: Scope): Columns {
  if (item.kind === 'expression') {
    const value = valueOf(item.value, scope)
    return { columns: [{ name: item.alias?.text ?? nameOf(item.value), ...value }], open: null }
  }
  const { columns, open } = starColumns(item.object, scope)
  if (open === null)
    for (const name of [...item.except, ...item.replace.map(({ alias }) => alias)])
      if (columnNamed(columns, name.text) === null) missColumn(name, null, columns, scope.session)
  const replaced = item.replace.map(({ value, alias }): LineageColumn => ({
    name: alias.text,
    ...valueOf(value, scope),
  }))
  return {
    columns: columns
      .filter(({ name }) => !item.except.some(({ text }) => name !== null && sameName(text, name)))
      .map((column) => (column.name === null ? null : columnNamed(replaced, column.name)) ?? column),
    open,
  }
}

function starColumns(object: Expression | null, scope: Scope): Columns {
  if (object === null) {
    const open = scope.items.flatMap(({ relation: { open: rest } }) => (rest === null ? [] : [rest]))
    const bare = scope.items.filter(
      ({ relation: { columns, value } }) => value !== null && columns.length === 0,
    )
    // The elements of an array may be structs, whose fields are columns then.
    const unknown = bare.flatMap(({ relation: { value } }) => (value!.shape === null ? [value!.sources] : []))
    const all = [...open, ...unknown]
    const known = scope.items.filter(({ relation: { value } }) => value === null || value.shape !== null)
    return { columns: columnsOf(known), open: all.length === 0 ? null : union(...all) }
  }
  const path = pathOf(object)
  const item =
    path?.length === 1
      ? scope.items.find(({ alias }) => alias !== null && sameName(alias, path[0]!.text))
      : undefined
  if (item && item.relation.value === null)
    return { columns: item.whole ?? item.relation.columns, open: item.relation.open }
  const value = valueOf(object, scope)
  return { columns: columnsOfValue(value), open: value.shape?.kind === 'struct' ? null : value.sources }
}
