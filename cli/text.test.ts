import { expect, test } from 'vitest'
import { chartBars } from './bars.ts'
import { printRows } from './rows-text.ts'
import { displayWidth, fitWidth, textTable } from './text-table.ts'

test('columns are as wide as their widest cell, numbers to the right', () => {
  const table = textTable(
    [{ title: 'task' }, { title: 'n', align: 'right' }],
    [
      ['a', '1'],
      ['進撃', '200'],
    ],
  )
  expect(table).toBe('task    n\na       1\n進撃  200')
})

test('wide characters count twice, escape codes and combining marks not at all', () => {
  expect(displayWidth('進撃')).toBe(4)
  expect(displayWidth('\u001B[32m✓\u001B[39m')).toBe(1)
  expect(displayWidth('e\u0301')).toBe(1)
  expect(fitWidth('進撃の巨人', 7)).toBe('進撃の…')
})

test('bars are in proportion', () => {
  const chart = {
    id: 'g',
    title: 'Genres',
    description: '',
    sql: '',
    spec: {},
    terminal: { label: 'genre', value: 'n' },
  }
  const rows = [
    { genre: 'Drama', n: 40 },
    { genre: 'Action', n: 10 },
    { genre: 'None', n: 0 },
  ]
  const lines = chartBars({ chart, rows, error: null }).split('\n')
  const [drama, action, none] = lines.slice(1).map((line) => line.split('█').length - 1)
  expect(lines[0]).toBe('Genres')
  expect([drama, action, none]).toEqual([32, 8, 0])
  const mixed = chartBars({
    chart,
    rows: [
      { genre: 'A', n: 65 },
      { genre: 'B', n: 81.25 },
    ],
    error: null,
  })
  expect(mixed).toMatch(/A {2}65\.0 {2}█+.?\n {2}B {2}81\.3 /)
  expect(chartBars({ chart, rows: [], error: null })).toContain('no rows')
  expect(chartBars({ chart, rows: [], error: 'boom' })).toContain('boom')
})

const field = (name: string, type: string, mode = 'NULLABLE') => ({ name, type, mode })

test('rows as table, JSON and CSV', () => {
  const result = {
    fields: [field('name', 'STRING'), field('n', 'INTEGER'), field('tags', 'STRING', 'REPEATED')],
    rows: [
      ['a "b", c', 1, ['x']],
      [null, 22, []],
    ],
    totalRows: 2,
    statementType: 'SELECT',
    changedRows: null,
  }
  expect(printRows(result, 'table').split('\n')).toEqual([
    'name       n  tags',
    'a "b", c   1  ["x"]',
    'NULL      22  []',
    '(2 rows)',
  ])
  expect(JSON.parse(printRows(result, 'json'))).toEqual([
    { name: 'a "b", c', n: 1, tags: ['x'] },
    { name: null, n: 22, tags: [] },
  ])
  expect(printRows(result, 'csv')).toBe('name,n,tags\n"a ""b"", c",1,"[""x""]"\n,22,[]')
})

test('a table says what it does not show', () => {
  const result = {
    fields: [field('x', 'STRING')],
    rows: [['\u001b[31m日本\n語'], ['y'.repeat(200)]],
    totalRows: 25_000,
    statementType: 'SELECT',
    changedRows: null,
  }
  const [, first, second, count] = printRows(result, 'table').split('\n')
  expect(first).toBe('日本 語')
  expect(second).toBe(`${'y'.repeat(119)}…`)
  expect(count).toBe('(the first 2 of 25000 rows; --max-rows shows more, --format csv all)')
})

test('a statement without rows says what it did', () => {
  const done = { fields: [], rows: [], totalRows: 0 }
  expect(printRows({ ...done, statementType: 'CREATE_TABLE', changedRows: null }, 'table')).toBe(
    'create table: done',
  )
  expect(printRows({ ...done, statementType: 'INSERT', changedRows: 1 }, 'table')).toBe('insert: 1 row')
})
