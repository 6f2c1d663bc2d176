import { expect, test } from 'vitest'
import { readQueryParameter } from './query-params.ts'
import { readValue } from './query-values.ts'

const field = (type: string, more: object = {}) => ({ name: 'x', type, ...more })

test.each([
  ['INTEGER', '12', 12],
  ['INTEGER', '9007199254740993', '9007199254740993'],
  ['NUMERIC', '1.5', 1.5],
  ['NUMERIC', '12345678901234567890.123456789', '12345678901234567890.123456789'],
  ['FLOAT', 'NaN', 'NaN'],
  ['FLOAT', '1.0', 1],
  ['BOOLEAN', 'true', true],
  ['TIMESTAMP', '1704164645123450', '2024-01-02T03:04:05.12345Z'],
  ['TIMESTAMP', '-1', '1969-12-31T23:59:59.999999Z'],
  ['DATE', '2024-01-02', '2024-01-02'],
  ['JSON', '{"a":[1]}', { a: [1] }],
  ['STRING', null, null],
])('%s %s', (type, value, expected) => {
  expect(readValue(value, field(type))).toEqual(expected)
})

test('lists and records', () => {
  const fields = [field('INTEGER', { mode: 'REPEATED' })]
  expect(readValue({ f: [{ v: [{ v: '1' }, { v: '2' }] }] }, field('RECORD', { fields }))).toEqual({
    x: [1, 2],
  })
})

test.each([
  [
    'day:DATE:2026-03-09',
    { name: 'day', parameterType: { type: 'DATE' }, parameterValue: { value: '2026-03-09' } },
  ],
  [':INT64:5', { parameterType: { type: 'INT64' }, parameterValue: { value: '5' } }],
  ['s::a:b', { name: 's', parameterType: { type: 'STRING' }, parameterValue: { value: 'a:b' } }],
  ['n:int64:NULL', { name: 'n', parameterType: { type: 'INT64' }, parameterValue: {} }],
  [
    'ids:ARRAY<INT64>:[1, 2]',
    {
      name: 'ids',
      parameterType: { type: 'ARRAY', arrayType: { type: 'INT64' } },
      parameterValue: { arrayValues: [{ value: '1' }, { value: '2' }] },
    },
  ],
  [
    's:STRUCT<a INT64, b STRING>:{"a": 1, "b": "x"}',
    {
      name: 's',
      parameterType: {
        type: 'STRUCT',
        structTypes: [
          { name: 'a', type: { type: 'INT64' } },
          { name: 'b', type: { type: 'STRING' } },
        ],
      },
      parameterValue: { structValues: { a: { value: '1' }, b: { value: 'x' } } },
    },
  ],
])('--param %s', (text, expected) => {
  expect(readQueryParameter(text)).toEqual(expected)
})

test.each(['x', 'x:INT64', 'x:ARRAY<:1', 'x:ARRAY<INT64>:1', 'x:ARRAY<INT64>:{'])(
  '--param %s is refused with a way out',
  (text) => {
    expect(() => readQueryParameter(text)).toThrow(`--param ${text}: `)
  },
)
