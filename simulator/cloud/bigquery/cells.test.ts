import { expect, test } from 'vitest'
import { toWireRow } from './cells.ts'
import { field } from './testing/memory-warehouse.ts'

test.each([
  [0n, '0', '0.0', '1970-01-01T00:00:00Z'],
  [1n, '1', '0.000001', '1970-01-01T00:00:00.000001Z'],
  [-1n, '-1', '-0.000001', '1969-12-31T23:59:59.999999Z'],
  [86_400_500_000n, '86400500000', '86400.5', '1970-01-02T00:00:00.500000Z'],
  [9_999_999_000_000n, '9999999000000', '9999999.0', '1970-04-26T17:46:39Z'],
  [10_000_000_000_000n, '10000000000000', '1.0E7', '1970-04-26T17:46:40Z'],
  [1_704_164_645_000_000n, '1704164645000000', '1.704164645E9', '2024-01-02T03:04:05Z'],
  [1_704_164_645_123_456n, '1704164645123456', '1.704164645123456E9', '2024-01-02T03:04:05.123456Z'],
  [-62_135_596_800_000_000n, '-62135596800000000', '-6.21355968E10', '0001-01-01T00:00:00Z'],
])('timestamp %s', (micros, integer, seconds, iso) => {
  const cell = (format: 'INT64' | 'FLOAT64' | 'ISO8601_STRING') =>
    toWireRow([micros], [field('t', 'TIMESTAMP')], format).f[0]?.v
  expect([cell('INT64'), cell('FLOAT64'), cell('ISO8601_STRING')]).toEqual([integer, seconds, iso])
  expect(Number(seconds)).toBeCloseTo(Number(micros) / 1e6, 5)
})

test('structs, arrays of structs, nulls', () => {
  const inner = field('s', 'STRUCT', { fields: [field('a', 'STRING'), field('t', 'TIMESTAMP')] })
  const schema = [
    inner,
    { ...inner, mode: 'REPEATED' as const },
    field('l', 'STRING', { mode: 'REPEATED' }),
    inner,
  ]
  expect(toWireRow([['x', 5n], [['y', null]], null, null], schema, 'INT64')).toEqual({
    f: [
      { v: { f: [{ v: 'x' }, { v: '5' }] } },
      { v: [{ v: { f: [{ v: 'y' }, { v: null }] } }] },
      { v: [] },
      { v: null },
    ],
  })
})
