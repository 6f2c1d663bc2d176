import { describe, expect, it } from 'vitest'
import { compileDag } from '../../compiler/index.ts'
import { column, dag, model, DagProblems, sql, write, type Column } from '../../dsl/index.ts'

const { date, int64, required, string, struct } = column

const raw = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sale',
  description: 'Sales as received',
  columns: { id: int64('id') },
  primaryKey: ['id'],
  retentionDays: null,
})

const before = {
  id: required(int64('id')),
  title: string('title'),
  place: struct('where', { city: string('city') }),
}

function compiled(
  columns: Readonly<Record<string, Column>>,
  options: Parameters<typeof compileDag>[1],
  partitionBy: 'day' | 'other' = 'day',
) {
  const values = Object.keys(columns).map((name) => `NULL AS ${name}`)
  const text = Object.assign([`SELECT ${values.join(', ')} FROM `, ''], {
    raw: [`SELECT ${values.join(', ')} FROM `, ''],
  })
  const sale = model({
    layer: 'tru',
    dataset: 'shop_tru',
    table: 'sale',
    description: 'Sales',
    columns: { ...columns, [partitionBy]: date('last seen') },
    primaryKey: ['id'],
    partitionBy,
    retentionDays: 1825,
    write: write.merge(),
    sql: sql(text, raw),
  })
  return compileDag(
    dag('shop', { description: 'Shop' }, ({ build }) => {
      build(sale)
    }),
    options,
  )
}

const projectDir = '/'
const previous = compiled(before, { projectDir }).manifest

describe('against the last compile', () => {
  it.each([
    ['nothing changes', before],
    ['a column is added', { ...before, price: int64('price') }],
    ['a field is added', { ...before, place: struct('where', { city: string('city'), zip: string('zip') }) }],
    ['a required column becomes nullable', { ...before, id: int64('id') }],
    ['a description changes', { ...before, title: string('the title') }],
  ])('%s', (_, columns) => {
    expect(compiled(columns, { projectDir, previous }).id).toBe('shop')
  })

  const { title: _, ...withoutTitle } = before
  it.each<[string, Readonly<Record<string, Column>>]>([
    ['column title changes from STRING to INT64', { ...before, title: int64('title') }],
    ['column title is no longer declared', withoutTitle],
    [
      'column price is added as required, which rows that are there lack',
      { ...before, price: required(int64('price')) },
    ],
    ['column title changes from NULLABLE to REQUIRED', { ...before, title: required(string('title')) }],
    ['column title changes from NULLABLE to REPEATED', { ...before, title: column.array(string('title')) }],
    [
      'column place.city changes from STRING to INT64',
      { ...before, place: struct('where', { city: int64('city') }) },
    ],
  ])('refuses that %s', (change, columns) => {
    const [problem, ...more] = problemsOf(() => compiled(columns, { projectDir, previous }))
    expect([problem?.code, problem?.message, more]).toEqual(['DAG417', `table shop_tru.sale: ${change}`, []])
    expect(problem?.at?.file).toContain('schema-change.test.ts')
    expect(compiled(columns, { projectDir, previous, accepted: ['shop_tru.sale'] }).id).toBe('shop')
  })

  it('refuses another partition', () => {
    const messages = problemsOf(() => compiled(before, { projectDir, previous }, 'other')).map(
      ({ message }) => message,
    )
    expect(messages).toContain('table shop_tru.sale: its partition changes from day to other')
  })
})

function problemsOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (error instanceof DagProblems) return error.problems
    throw error
  }
  return []
}
