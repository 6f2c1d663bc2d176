import { describe, expect, test } from 'vitest'
import type { ManifestTable } from '../artifact/manifest.ts'
import { differences } from './plan.ts'
import { tableResource } from './resources/table.ts'

describe('differences', () => {
  test('desired order first, what is gone last, equal facts left out', () => {
    expect(differences({ a: '1', gone: 'x', same: '0' }, { same: '0', a: '2', new: 'y' })).toEqual([
      { fact: 'a', from: '1', to: '2' },
      { fact: 'new', from: null, to: 'y' },
      { fact: 'gone', from: 'x', to: null },
    ])
  })
})

describe('tables', () => {
  const table: ManifestTable = {
    dataset: 'shop_tru',
    table: 'sale',
    layer: 'tru',
    description: 'Sales',
    columns: [
      { name: 'id', type: 'INT64', mode: 'REQUIRED', description: 'key' },
      {
        name: 'at',
        type: 'STRUCT',
        mode: 'NULLABLE',
        description: 'when',
        fields: [{ name: 'year', type: 'INT64', mode: 'NULLABLE', description: '' }],
      },
      { name: 'day', type: 'DATE', mode: 'NULLABLE', description: 'partition' },
    ],
    primaryKey: ['id'],
    partition: { column: 'day', expirationDays: 1825 },
    clusterBy: ['id'],
  }
  const resource = tableResource('shop', table)

  test('facts name columns, partition, expiration, clustering and labels', () => {
    expect(resource.facts).toMatchObject({
      'column id': 'INT64 REQUIRED',
      'column at': 'STRUCT NULLABLE',
      'column at.year': 'INT64 NULLABLE',
      partition: 'DAY of day',
      'partition expiration': '1825 days',
      clustering: 'id',
      'label dag': 'shop',
    })
  })

  const changes: [string, string | null, string | null, boolean][] = [
    ['column x', null, 'STRING NULLABLE', true],
    ['column x', null, 'STRING REQUIRED', false],
    ['column x', 'STRING REQUIRED', 'STRING NULLABLE', true],
    ['column x', 'STRING NULLABLE', 'STRING REQUIRED', false],
    ['column x', 'STRING NULLABLE', 'INT64 NULLABLE', false],
    ['column x', 'STRING NULLABLE', null, false],
    ['partition', 'DAY of a', 'DAY of b', false],
    ['partition expiration', '10 days', '20 days', true],
    ['clustering', 'a', 'b', true],
  ]
  test.each(changes)('%s: %s -> %s can be applied in place: %s', (fact, from, to, possible) => {
    expect(resource.refuse?.({ fact, from, to }) === undefined).toBe(possible)
  })
})
