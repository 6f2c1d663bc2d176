import { describe, expect, it } from 'vitest'
import { column, model, quality, ref, sql, write } from '../dsl/index.ts'
import { testModel } from './index.ts'

const { bool, date, int64, required, string, timestamp } = column

const raw = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sale',
  description: 'Sales as received',
  columns: {
    id: int64('id'),
    shop: string('shop'),
    title: string('title'),
    price: int64('price'),
    day: date('day of the snapshot'),
    complete: bool('whether the snapshot is complete'),
  },
  primaryKey: ['id', 'day'],
  partitionBy: 'day',
  retentionDays: null,
})

const r = ref(raw, 'r')
const today = sql`SELECT ${r.id}, ${r.shop}, ${r.title}, ${r.price} FROM ${r} WHERE ${r.day} = ${sql.run.date}`
const columns = {
  id: required(int64('id')),
  shop: string('shop'),
  title: string('title'),
  price: int64('price'),
  reference_date: required(date('last seen')),
}
const base = {
  layer: 'tru',
  dataset: 'shop_tru',
  description: 'Sales',
  partitionBy: 'reference_date',
  retentionDays: 1825,
} as const

const sale = (id: number, day: string, price = 1, shop = 'a', complete = true) => ({
  id,
  shop,
  title: `t${id}`,
  price,
  day,
  complete,
})

const dayOf = (time: unknown) => (typeof time === 'string' ? time.slice(8, 10) : null)

describe('write modes', () => {
  it('append', async () => {
    const m = model({
      ...base,
      table: 'appended',
      columns,
      primaryKey: ['id'],
      write: write.append(),
      sql: today,
    })
    const test = await testModel(m)
    await test.given(raw, [
      sale(1, '2026-03-10'),
      sale(2, '2026-03-10'),
      sale(2, '2026-03-11', 9),
      sale(3, '2026-03-11'),
    ])
    for (const day of ['2026-03-10', '2026-03-10', '2026-03-11', '2026-03-10']) await test.run({ date: day })
    expect((await test.rows()).map(({ id, price, reference_date }) => [id, price, reference_date])).toEqual([
      [1, 1, '2026-03-10'],
      [2, 1, '2026-03-10'],
      [3, 1, '2026-03-11'],
    ])
  })

  it('replace partition', async () => {
    const m = model({
      ...base,
      table: 'replaced',
      columns,
      primaryKey: ['id', 'reference_date'],
      write: write.replacePartition(),
      sql: today,
    })
    const test = await testModel(m)
    await test.given(raw, [sale(1, '2026-03-10'), sale(2, '2026-03-11')])
    for (const day of ['2026-03-10', '2026-03-11', '2026-03-10']) await test.run({ date: day })
    expect((await test.rows()).map(({ id }) => id)).toEqual([1, 2])
  })

  it('merge', async () => {
    const m = model({
      ...base,
      table: 'merged',
      columns: { ...columns, active: bool('there'), removed_at: timestamp('gone since') },
      primaryKey: ['id'],
      write: write.merge({ gone: write.deactivate({ flag: 'active', at: 'removed_at', within: ['shop'] }) }),
      sql: sql`SELECT ${r.id}, ${r.shop}, ${r.title}, ${r.price}, ${r.complete} AS _complete FROM ${r} WHERE ${r.day} = ${sql.run.date}`,
    })
    const test = await testModel(m)
    await test.given(raw, [
      sale(1, '2026-03-10'),
      sale(2, '2026-03-10'),
      sale(4, '2026-03-10', 1, 'b'),
      sale(1, '2026-03-11', 5),
      sale(4, '2026-03-11', 1, 'b', false),
      sale(5, '2026-03-10', 1, 'b'),
      sale(1, '2026-03-12', 5),
      sale(6, '2026-03-11', 1, 'a'),
    ])
    const seen = async () =>
      (await test.rows()).map((row) => [
        row['id'],
        row['price'],
        row['active'],
        row['removed_at'],
        row['reference_date'],
      ])
    await test.run({ date: '2026-03-10' })
    await test.run({ date: '2026-03-11' })
    const after = [
      [1, 5, true, null, '2026-03-11'],
      [2, 1, false, '2026-03-11T00:00:00Z', '2026-03-10'],
      [4, 1, true, null, '2026-03-11'],
      [5, 1, true, null, '2026-03-10'],
      [6, 1, true, null, '2026-03-11'],
    ]
    expect(await seen()).toEqual(after)
    await test.run({ date: '2026-03-11' })
    expect(await seen()).toEqual(after)
    await test.run({ date: '2026-03-10' })
    expect(await seen()).toEqual(after)
  })

  it('history', async () => {
    const m = model({
      ...base,
      table: 'history',
      columns: {
        ...columns,
        valid_from: required(timestamp('from')),
        valid_to: timestamp('to'),
        is_current: bool('current'),
      },
      primaryKey: ['id', 'valid_from'],
      write: write.history({ gone: {} }),
      sql: today,
    })
    const test = await testModel(m)
    await test.given(raw, [
      sale(1, '2026-03-10'),
      sale(2, '2026-03-10'),
      sale(1, '2026-03-11', 5),
      sale(2, '2026-03-11'),
      sale(1, '2026-03-12', 5),
    ])
    const seen = async () =>
      (await test.rows()).map((row) => [
        row['id'],
        row['price'],
        dayOf(row['valid_from']),
        dayOf(row['valid_to']),
        row['is_current'],
        row['reference_date'],
      ])
    for (const day of ['2026-03-10', '2026-03-11', '2026-03-11', '2026-03-12', '2026-03-11', '2026-03-12']) {
      await test.run({ date: day })
    }
    expect(await seen()).toEqual([
      [1, 1, '10', '11', false, '2026-03-10'],
      [1, 5, '11', null, true, '2026-03-12'],
      [2, 1, '10', '12', false, '2026-03-11'],
    ])
  })

  it('snapshot', async () => {
    const m = model({
      ...base,
      table: 'snapshot',
      columns,
      primaryKey: ['shop', 'id'],
      write: write.snapshot({ per: ['shop'] }),
      sql: today,
    })
    const test = await testModel(m)
    await test.given(raw, [
      sale(1, '2026-03-10'),
      sale(2, '2026-03-10'),
      sale(3, '2026-03-10', 1, 'b'),
      sale(1, '2026-03-11'),
    ])
    for (const day of ['2026-03-10', '2026-03-11', '2026-03-10']) await test.run({ date: day })
    expect((await test.rows()).map(({ id, reference_date }) => [id, reference_date])).toEqual([
      [1, '2026-03-11'],
      [3, '2026-03-10'],
    ])
  })

  it('a watermark reads what is new, and what is late within the look-back', async () => {
    const event = model({
      layer: 'raw',
      dataset: 'shop_raw',
      table: 'event',
      description: 'Events as received',
      columns: { id: int64('id'), happened_at: timestamp('when') },
      primaryKey: ['id'],
      retentionDays: null,
    })
    const m = model({
      ...base,
      table: 'event',
      columns: { id: required(int64('id')), happened_at: timestamp('when'), reference_date: date('day') },
      primaryKey: ['id'],
      write: write.append(),
      watermark: { column: 'happened_at', lookBack: '1d' },
      sql: sql`SELECT id, happened_at FROM ${event} WHERE happened_at > ${sql.since}`,
    })
    const test = await testModel(m)
    await test.given(event, [
      { id: 1, happened_at: '2026-03-01T00:00:00Z' },
      { id: 2, happened_at: '2026-03-10T00:00:00Z' },
    ])
    expect((await test.run({ date: '2026-03-10' })).rows).toBe(2)
    await test.given(event, [
      { id: 3, happened_at: '2026-03-11T00:00:00Z' },
      { id: 4, happened_at: '2026-03-09T12:00:00Z' },
      { id: 5, happened_at: '2026-03-02T00:00:00Z' },
    ])
    expect((await test.run({ date: '2026-03-11' })).rows).toBe(3)
    expect((await test.rows()).map(({ id }) => id)).toEqual([1, 2, 3, 4])
  })

  it('a view is what its SELECT gives, and is tested', async () => {
    const m = model({
      layer: 'tru',
      dataset: 'shop_tru',
      table: 'cheap',
      description: 'Cheap sales',
      columns: { id: int64('id'), price: int64('price') },
      primaryKey: ['id'],
      retentionDays: null,
      write: write.view(),
      sql: sql`SELECT ${r.id}, ${r.price} FROM ${r} WHERE ${r.price} < 10`,
      tests: [quality.rowCount({ min: 1 })],
    })
    const test = await testModel(m)
    await expect(test.run({ date: '2026-03-10' })).rejects.toThrow('row_count(1 to any): 1')
    await test.given(raw, [sale(1, '2026-03-10', 5), sale(2, '2026-03-10', 50)])
    expect((await test.run({ date: '2026-03-10' })).tests).toHaveLength(1)
    expect(await test.rows()).toEqual([{ id: 1, price: 5 }])
  })

  it('rows that a rule refuses go to their table', async () => {
    const refused = model({
      layer: 'tru',
      dataset: 'shop_tru',
      table: 'refused',
      description: 'Refused sales',
      columns: { id: int64('id'), rule: string('why'), reference_date: date('day') },
      primaryKey: ['id', 'rule'],
      partitionBy: 'reference_date',
      retentionDays: 1825,
    })
    const m = model({
      ...base,
      table: 'accepted',
      columns,
      primaryKey: ['id'],
      write: write.merge(),
      quarantine: refused,
      sql: sql`SELECT ${r.id}, ${r.shop}, ${r.title}, ${r.price}, IF(${r.price} < 0, 'negative', NULL) AS _rule
        FROM ${r} WHERE ${r.day} = ${sql.run.date}`,
    })
    const test = await testModel(m)
    await test.given(raw, [sale(1, '2026-03-10'), sale(2, '2026-03-10', -1)])
    for (const _ of [1, 2]) {
      expect(await test.run({ date: '2026-03-10' })).toMatchObject({ rows: 1, rejected: 1 })
    }
    expect((await test.rows()).map(({ id }) => id)).toEqual([1])
    expect(await test.rows(refused)).toEqual([{ id: 2, rule: 'negative', reference_date: '2026-03-10' }])
  })

  it('tests stop before anything is written', async () => {
    const m = model({
      ...base,
      table: 'tested',
      columns,
      primaryKey: ['id'],
      write: write.merge(),
      sql: today,
      tests: [
        quality.notNull('title'),
        quality.acceptedValues('shop', ['a', "b's"], { severity: 'warn' }),
        quality.rowCount({ min: 1, max: 10 }),
        quality.expression('price is positive', sql`price > 0`),
        quality.unique(['title'], { on: 'table' }),
        quality.freshness('reference_date', '2d', { on: 'table' }),
        quality.relationship('id', ref(raw).id),
      ],
    })
    const test = await testModel(m)
    await test.given(raw, [sale(1, '2026-03-10', 1, 'c'), sale(1, '2026-03-11', -1), sale(2, '2026-03-12')])
    const { tests, ...load } = await test.run({ date: '2026-03-10' })
    expect(load).toEqual({ state: 'written', rows: 1, rejected: 0 })
    expect(tests.map((each) => `${each.test} ${each.failing}`)).toEqual([
      'primary_key(id) 0',
      'not_null(title) 0',
      'accepted_values(shop) 1',
      'row_count(1 to 10) 0',
      'price is positive 0',
      'relationship(id -> shop_raw.sale.id) 0',
      'unique(title) on the table 0',
      'freshness(reference_date) on the table 0',
    ])
    await expect(test.run({ date: '2026-03-11' })).rejects.toThrow('price is positive: 1')
    expect((await test.rows()).map(({ price }) => price)).toEqual([1])
  })
})
