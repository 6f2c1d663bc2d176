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

test('rows as table, JSON and CSV', () => {
  const result = {
    columns: ['name', 'n', 'tags'],
    rows: [
      { name: 'a "b", c', n: 1, tags: ['x'] },
      { name: null, n: 22, tags: [] },
    ],
  }
  expect(printRows(result, 'table').split('\n')).toEqual([
    'name       n  tags',
    'a "b", c   1  ["x"]',
    'NULL      22  []',
    '(2 rows)',
  ])
  expect(JSON.parse(printRows(result, 'json'))).toEqual(result.rows)
  expect(printRows(result, 'csv')).toBe('name,n,tags\n"a ""b"", c",1,"[""x""]"\n,22,[]')
})
