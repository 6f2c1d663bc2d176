import type { From, SelectItem } from '../syntax.ts'
import { orderSources, sourcesOf, valueOf } from './expression.ts'
import { fromItems, hide, rowsOnly } from './from.ts'
import { columnsOf, openOf, rowsOf } from './pivot.ts'
import { columnNamed, relation, type LineageColumn } from './relation.ts'
import { inside, resolveName, type FromItem, type Scope } from './scope.ts'
import { selectColumns } from './select-list.ts'

/** What a pipe operator that keeps the names of tables gives. */
export function pipeItems(
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
    case 'order': {
      const order = orderSources(step.orderBy, scope)
      return step.limit === null ? input : [...input, rowsOnly(order)]
    }
    case 'extend':
      return [...input, extension(step.items, scope)]
    case 'set': {
      const set = step.items.map(({ name, value }): LineageColumn => ({
        name: name.text,
        ...valueOf(value, scope),
      }))
      for (const { name } of step.items) resolveName([name], scope)
      return replace(input, set)
    }
    case 'drop':
      for (const name of step.names) resolveName([name], scope)
      return hide(
        input,
        step.names.map(({ text }) => text),
      )
    case 'rename': {
      const renamed = step.names.map(({ from: old, to }) => ({
        old: old.text,
        column: { name: to.text, ...resolveName([old], scope) },
      }))
      return input.map((item) => {
        const columns = item.relation.columns.map(
          (column) => renamed.find(({ old }) => columnNamed([column], old) !== null)?.column ?? column,
        )
        const hidden = item.relation.columns.filter((column) => !columns.includes(column))
        return {
          ...item,
          relation: { ...item.relation, columns, hidden: [...item.relation.hidden, ...hidden] },
          whole: item.whole ?? item.relation.columns,
        }
      })
    }
    case 'as':
      return [
        {
          alias: step.alias.text,
          relation: relation(columnsOf(input), { rows: rowsOf(input), open: openOf(input) }),
        },
      ]
  }
}

function extension(items: readonly SelectItem[], scope: Scope): FromItem {
  const { columns, open } = selectColumns(items, scope)
  return { alias: null, relation: relation(columns, { open }) }
}

/** Columns by name, in their places, with other values; an alias before them still names the old ones. */
function replace(items: readonly FromItem[], set: readonly LineageColumn[]): readonly FromItem[] {
  return items.map((item) => {
    const columns = item.relation.columns.map((column) =>
      column.name === null ? column : (columnNamed(set, column.name) ?? column),
    )
    const hidden = item.relation.columns.filter((column) => !columns.includes(column))
    if (hidden.length === 0) return item
    const changed = { ...item.relation, columns, hidden: [...item.relation.hidden, ...hidden] }
    return { ...item, relation: changed, whole: item.whole ?? item.relation.columns }
  })
}
