import { expect, test } from 'vitest'
import { queryProblem } from './query-problem.ts'

test('shows the line and marks the column', () => {
  const sql = 'SELECT genre,\n  genr\nFROM anilist_dmt.genre'
  const problem = queryProblem(sql, 'Unrecognized name: genr at [2:3]', null)
  expect(problem.message).toBe('Unrecognized name: genr at [2:3]\n  genr\n  ^')
  expect(problem.place).toBe('line 2, column 3 of the query')
  expect(problem.hint).toContain('INFORMATION_SCHEMA.COLUMNS')
})

test('a message without a position still says where and how', () => {
  const problem = queryProblem('SELECT 1 FROM a.b', 'Not found: Dataset local-project:a', null)
  expect(problem.message).toBe('Not found: Dataset local-project:a')
  expect(problem.place).toBe('the query')
  expect(problem.hint).toContain('SCHEMATA')
})

test('what the local warehouse does not know points to the page that lists what it does', () => {
  const problem = queryProblem(
    'SELECT 1 FROM t TABLESAMPLE',
    'Unsupported in the local warehouse: TABLESAMPLE',
    null,
  )
  expect(problem.hint).toContain('docs/local-bigquery.md')
})
