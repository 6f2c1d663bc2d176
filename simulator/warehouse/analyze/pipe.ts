import { invalid } from '../../../sql/problem.ts'
import type { From } from '../../../sql/syntax.ts'
import { BOOL, STRING } from '../types/type.ts'
import { castValue } from './cast.ts'
import { type Env, uniqueName } from './context.ts'
import { analyzeCondition, analyzeExpression, implicitName } from './expression.ts'
import { failWith } from './fail.ts'
import { type FromResult, scopeOf } from './from.ts'
import { limitSql, orderSql } from './query.ts'
import type { Column, Relation } from './scope.ts'
import { typed, type Typed } from './typed.ts'
import { expandStar } from './select.ts'

/** One pipe operator over a FROM clause; the input's tables keep their names and columns. */
export function analyzePipe(from: From & { kind: 'pipe' }, input: FromResult, outer: Env): FromResult {
  const { step, at } = from
  const env: Env = {
    ...outer,
    scope: scopeOf(input, outer),
    noAggregates: 'a pipe operator other than AGGREGATE',
    noWindows: null,
  }
  switch (step.kind) {
    case 'where': {
      const where = { ...env, noWindows: 'WHERE clause' }
      const condition = analyzeCondition(step.condition, where, 'WHERE clause')
      const flat = flatten(input, [], ` WHERE ${condition.sql}`, outer)
      return { ...flat, conditions: [...input.conditions, step.condition] }
    }
    case 'assert': {
      const row = { ...env, noWindows: 'ASSERT' }
      const condition = analyzeCondition(step.condition, row, 'ASSERT condition')
      const payload = step.payload.map((item) =>
        castValue(analyzeExpression(item, row), STRING, false, item.at),
      )
      const text = ["'Assert failed:'", ...payload.map((item) => `COALESCE(${item.sql}, 'NULL')`)].join(
        ` || ' ' || `,
      )
      const failure = failWith(text, BOOL)
      return flatten(input, [], ` WHERE CASE WHEN ${condition.sql} THEN TRUE ELSE ${failure} END`, outer)
    }
    case 'extend': {
      const added = step.items.flatMap((item): Column[] => {
        if (item.kind === 'star') return expandStar(item, env)
        const value = analyzeExpression(item.value, env)
        return [{ name: item.alias?.text ?? implicitName(item.value), value }]
      })
      return flatten(input, added, '', outer)
    }
    case 'set': {
      const values = step.items.map(({ name, value }) => {
        needColumn(input, name.text, name.at, 'SET')
        return { name: name.text.toLowerCase(), value: analyzeExpression(value, env) }
      })
      const star = input.star.map((column) => {
        const set = values.find(({ name }) => name === column.name?.toLowerCase())
        return set ? { name: column.name, value: set.value } : column
      })
      return flatten({ ...input, star }, [], '', outer)
    }
    case 'drop': {
      for (const name of step.names) needColumn(input, name.text, name.at, 'DROP')
      const gone = new Set(step.names.map((name) => name.text.toLowerCase()))
      const star = input.star.filter((column) => !gone.has(column.name?.toLowerCase() ?? ''))
      if (star.length === 0) throw invalid(at, 'Pipe DROP would leave no columns')
      return { ...input, star }
    }
    case 'rename': {
      for (const { from: name } of step.names) needColumn(input, name.text, name.at, 'RENAME')
      const star = input.star.map((column) => {
        const to = step.names.find(({ from: name }) => name.text.toLowerCase() === column.name?.toLowerCase())
        return to ? { name: to.to.text, value: column.value } : column
      })
      return { ...input, star }
    }
    case 'as': {
      const relation: Relation = {
        alias: step.alias.text,
        columns: input.star,
        pseudo: [],
        value: null,
        requiredFilter: null,
      }
      return { ...input, relations: [relation] }
    }
    case 'order': {
      const outputs = input.star.map((column) => column.value)
      const order = orderSql(step.orderBy, outputs, env)
      return flatten(input, [], order + limitSql(step, outer), outer)
    }
  }
}

function needColumn(input: FromResult, name: string, at: number, operator: string): void {
  const found = input.star.filter((column) => column.name?.toLowerCase() === name.toLowerCase())
  if (found.length === 0) throw invalid(at, `Column ${name} in pipe ${operator} is not in the input table`)
  if (found.length > 1) throw invalid(at, `Column name ${name} is ambiguous`)
}

/** The input as one derived table, with more columns and what follows FROM. */
function flatten(input: FromResult, added: readonly Column[], tail: string, env: Env): FromResult {
  const alias = uniqueName(env.context, 'p')
  const names = new Map<string, string>()
  const move = (value: Typed): Typed => {
    const name = names.get(value.sql) ?? `s${names.size}`
    names.set(value.sql, name)
    return typed(`${alias}.${name}`, value.type)
  }
  const moveAll = (columns: readonly Column[]): Column[] =>
    columns.map((column) => ({ name: column.name, value: move(column.value) }))
  const star = moveAll([...input.star, ...added])
  const relations = input.relations.map((relation) => ({
    ...relation,
    columns: moveAll(relation.columns),
    pseudo: moveAll(relation.pseudo),
    value: relation.value && move(relation.value),
  }))
  const columns = [...names].map(([sql, name]) => `${sql} AS ${name}`)
  const list = columns.length > 0 ? columns.join(', ') : `CAST(1 AS BIGINT) AS s0`
  return {
    sql: `(SELECT ${list} FROM ${input.sql}${tail}) AS ${alias}`,
    relations,
    star,
    conditions: input.conditions,
    lateral: input.lateral,
  }
}
