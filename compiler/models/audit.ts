import {
  renderSql,
  tableText,
  testName,
  type Model,
  type QualityTest,
  type TestRule,
} from '../../dsl/index.ts'
import { quotedName } from '../../sql/quoted-name.ts'
import { durationSeconds } from '../../dsl/duration.ts'
import { literal } from './literal.ts'
import { names, type Target } from './target.ts'

/** A test as the procedure runs it. */
interface Audit {
  readonly name: string
  readonly severity: QualityTest['severity']
  /** SQL of the number of rows that fail. */
  readonly failing: string
}

/** Tests of the rows that a run brings, that of the primary key first. */
export function rowAudits(target: Target): readonly Audit[] {
  const { model } = target
  return [
    ...primaryKey(target),
    ...model.tests.filter(({ on }) => on === 'rows').map((test) => auditOf(test, testedRows(target), model)),
  ]
}

/** Tests of the whole table, as the run leaves it. */
export function tableAudits(model: Model, scope: 'table' | 'all' = 'table'): readonly Audit[] {
  const tests = scope === 'all' ? model.tests : model.tests.filter(({ on }) => on === 'table')
  return tests.map((test) => auditOf(test, tableText(model), model))
}

export function auditList(audits: readonly Audit[]): string {
  const [first, ...rest] = audits.map(
    ({ name, severity, failing }, index) =>
      `STRUCT(${literal(name)}${index === 0 ? ' AS test' : ''}, '${severity}'${index === 0 ? ' AS severity' : ''}, ${failing}${index === 0 ? ' AS failing' : ''})`,
  )
  return `[\n  ${[first, ...rest].join(',\n  ')}]`
}

/** An owner without rows is none of its rows. */
function testedRows({ model, key }: Target): string {
  if (model.write?.kind !== 'snapshot') return 'built_rows'
  const { per } = model.write
  const there = key
    .filter((column) => !per.includes(column))
    .map((column) => `${quotedName(column)} IS NOT NULL`)
  return there.length === 0 ? 'built_rows' : `(SELECT * FROM built_rows WHERE ${there.join(' AND ')})`
}

function primaryKey(target: Target): readonly Audit[] {
  const key = target.key.filter((column) => target.given.includes(column))
  if (key.length === 0) return []
  const rows = testedRows(target)
  const missing = key.map((column) => `${quotedName(column)} IS NULL`).join(' OR ')
  return [
    {
      name: `primary_key(${key.join(', ')})`,
      severity: 'stop',
      failing: `(SELECT IFNULL(SUM(n), 0) FROM (
    SELECT COUNT(*) AS n, LOGICAL_OR(${missing}) AS missing FROM ${rows} GROUP BY ${names(key)}) WHERE n > 1 OR missing)`,
    },
  ]
}

function auditOf(test: QualityTest, rows: string, model: Model): Audit {
  return { name: testName(test), severity: test.severity, failing: failingRows(test.rule, rows, model) }
}

function failingRows(rule: TestRule, rows: string, model: Model): string {
  switch (rule.kind) {
    case 'not_null':
      return `(SELECT COUNTIF(${quotedName(rule.column)} IS NULL) FROM ${rows})`
    case 'unique': {
      const there = rule.columns.map((column) => `${quotedName(column)} IS NOT NULL`).join(' AND ')
      return `(SELECT IFNULL(SUM(n), 0) FROM (
    SELECT COUNT(*) AS n FROM ${rows} WHERE ${there} GROUP BY ${names(rule.columns)} HAVING COUNT(*) > 1))`
    }
    case 'accepted_values':
      return `(SELECT COUNTIF(${quotedName(rule.column)} NOT IN (${rule.values.map(literal).join(', ')})) FROM ${rows})`
    case 'relationship': {
      const column = quotedName(rule.column)
      return `(SELECT COUNT(*) FROM ${rows} AS r
    WHERE r.${column} IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ${tableText(rule.model)} AS o WHERE o.${quotedName(rule.field)} = r.${column}))`
    }
    case 'row_count': {
      const bounds = [
        ...(rule.min === null ? [] : [`COUNT(*) >= ${rule.min}`]),
        ...(rule.max === null ? [] : [`COUNT(*) <= ${rule.max}`]),
      ]
      return `(SELECT IF(${bounds.join(' AND ')}, 0, 1) FROM ${rows})`
    }
    case 'freshness': {
      const newest = `MAX(${quotedName(rule.column)})`
      const column = model.columns.find(({ name }) => name === rule.column)
      const time = column?.type === 'DATE' ? `TIMESTAMP(${newest})` : newest
      return `(SELECT IF(${time} >= TIMESTAMP_SUB(_run_interval_end, INTERVAL ${durationSeconds(rule.within)} SECOND), 0, 1) FROM ${rows})`
    }
    case 'expression':
      return `(SELECT COUNTIF(NOT (${renderSql(rule.condition)})) FROM ${rows})`
  }
}
