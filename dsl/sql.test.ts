import { describe, expect, it } from 'vitest'
import { column, model, renderSql, sql } from './index.ts'

const sale = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sale',
  description: 'Sales',
  columns: [
    { name: 'id', type: 'INT64', description: 'id' },
    { name: 'day', type: 'DATE', description: 'day' },
  ],
  primaryKey: ['id'],
  partitionBy: 'day',
  retentionDays: null,
})

describe('sql', () => {
  it('writes models as tables without a project, and nests', () => {
    const recent = sql`SELECT id FROM ${sale} WHERE day = reference_date`
    expect(renderSql(sql`SELECT COUNT(*) FROM (${recent})`)).toBe(
      'SELECT COUNT(*) FROM (SELECT id FROM `shop_raw.sale` WHERE day = reference_date)',
    )
  })

  it('drops the indentation of the DAG file', () => {
    const text = sql`
      SELECT id
        FROM ${sale}

      WHERE TRUE
    `
    expect(renderSql(text)).toBe('SELECT id\n  FROM `shop_raw.sale`\n\nWHERE TRUE')
  })

  it('keeps the line of every part', () => {
    const text = sql`
      SELECT id
      FROM ${sale}
      WHERE id > 1`
    const start = text.at?.line ?? 0
    expect(text.parts.map((part) => [part.kind, (part.at?.line ?? 0) - start])).toEqual([
      ['text', 0],
      ['table', 2],
      ['text', 2],
    ])
  })

  it('gives a script its own table', () => {
    const built = model({
      layer: 'dmt',
      dataset: 'shop_dmt',
      table: 'total',
      description: 'Totals',
      columns: { total: column.int64('total'), day: column.date('day') },
      primaryKey: ['total'],
      partitionBy: 'day',
      retentionDays: 730,
      sql: (self) => sql`INSERT INTO ${self} SELECT COUNT(*) FROM ${sale}`,
    })
    expect(built.problems).toEqual([])
    expect(built.sql && renderSql(built.sql)).toBe(
      'INSERT INTO `shop_dmt.total` SELECT COUNT(*) FROM `shop_raw.sale`',
    )
  })

  it.each([['2025-01-01'], [7], [null], [undefined], [{ kind: 'other' }], [() => 1]])(
    'refuses %s',
    (value) => {
      expect(() => sql`SELECT ${value as unknown as typeof sale}`).toThrow(
        expect.objectContaining({ code: 'DAG405' }),
      )
    },
  )
})

describe('model', () => {
  it('takes columns as a list or by name', () => {
    expect(sale.columns.map(({ name }) => name)).toEqual(['id', 'day'])
    expect(sale.partitionBy).toBe('day')
    expect(sale.problems).toEqual([])
  })

  it('checks nested fields, clustering and retention', () => {
    const wrong = model({
      layer: 'tru',
      dataset: 'shop_tru',
      table: 'sale',
      description: 'Sales',
      columns: {
        a: column.struct('a', { 'Not usable': column.string('x') }),
        b: column.array(column.date('b')),
        c: column.int64('c'),
        d: column.int64('d'),
        e: column.int64('e'),
      },
      primaryKey: [],
      partitionBy: 'b',
      clusterBy: ['a', 'b', 'c', 'd', 'e'],
      retentionDays: 1.5,
    })
    expect(wrong.problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'DAG401 model shop_tru.sale: column "Not usable" is not usable',
      'DAG402 model shop_tru.sale has no primary key',
      'DAG402 model shop_tru.sale is clustered by 5 columns',
      'DAG403 model shop_tru.sale: partition column "b" is an array',
      'DAG404 model shop_tru.sale: retentionDays is 1.5',
    ])
  })
})
