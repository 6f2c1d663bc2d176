import { durationSeconds } from './duration.ts'
import { closest } from './suggest.ts'
import type { Model } from './model.ts'
import type { Problems } from './problems.ts'
import type { QualityTest, TestRule } from './quality.ts'

type Declared = Omit<Model, 'problems'>
type Refuse = (message: string, hint: string) => void

/** What is wrong with the tests of a model. */
export function checkTests(model: Declared, what: string, problems: Problems): void {
  const refuse: Refuse = (message, hint) => problems.add('DAG418', `${what}: ${message}`, hint)
  const names = new Set<string>()
  for (const test of model.tests) {
    const name = testName(test)
    if (names.has(name)) refuse(`test ${name} is there twice`, 'drop one, or name expressions apart')
    names.add(name)
    for (const column of columnsOf(test.rule)) checkColumn(column, name, model, refuse)
    checkRule(test.rule, name, model, refuse)
  }
  if (model.tests.length > 0 && model.sql === null) {
    refuse('has tests and no SQL', 'a table that a step fills is tested by the models that read it')
  }
}

/** How a test is told of: `not_null(status)`. */
export function testName({ rule, on }: QualityTest): string {
  const where = on === 'table' ? ' on the table' : ''
  switch (rule.kind) {
    case 'not_null':
    case 'accepted_values':
    case 'freshness':
      return `${rule.kind}(${rule.column})${where}`
    case 'unique':
      return `unique(${rule.columns.join(', ')})${where}`
    case 'relationship':
      return `relationship(${rule.column} -> ${rule.model.dataset}.${rule.model.table}.${rule.field})${where}`
    case 'row_count':
      return `row_count(${rule.min ?? 0} to ${rule.max ?? 'any'})${where}`
    case 'expression':
      return `${rule.name}${where}`
  }
}

function columnsOf(rule: TestRule): readonly string[] {
  if (rule.kind === 'unique') return rule.columns
  return 'column' in rule ? [rule.column] : []
}

function checkColumn(column: string, test: string, model: Declared, refuse: Refuse): void {
  const known = model.columns.map(({ name }) => name)
  if (known.includes(column)) return
  const near = closest(column, known)
  refuse(
    `test ${test} names column "${column}", which is not declared`,
    near === null ? 'name a column of the model' : `did you mean "${near}"?`,
  )
}

function checkRule(rule: TestRule, name: string, model: Declared, refuse: Refuse): void {
  switch (rule.kind) {
    case 'unique':
      if (rule.columns.length === 0) refuse('test unique names no column', 'name at least one')
      return
    case 'accepted_values':
      if (rule.values.length === 0) refuse(`test ${name} accepts no value`, 'name at least one')
      return
    case 'row_count':
      if ((rule.min ?? 0) <= 0 && rule.max === null) refuse('test row_count holds always', 'say min or max')
      if (rule.min !== null && rule.max !== null && rule.min > rule.max) {
        refuse(`test ${name} can never hold`, 'min is at most max')
      }
      return
    case 'freshness': {
      const column = model.columns.find((each) => each.name === rule.column)
      if (column && !['DATE', 'TIMESTAMP'].includes(column.type)) {
        refuse(`test ${name} goes by a column of type ${column.type}`, 'name a DATE or TIMESTAMP column')
      }
      if (durationSeconds(rule.within) === null) {
        refuse(`test ${name}: "${rule.within}" is no length of time`, 'such as 2d or 36h')
      }
      return
    }
    case 'expression':
      if (!/\S/.test(rule.name))
        refuse('a test has no name', "quality.expression('score is in range', sql`…`)")
      return
    case 'not_null':
    case 'relationship':
  }
}
