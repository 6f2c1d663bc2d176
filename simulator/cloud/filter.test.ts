import { describe, expect, it } from 'vitest'
import { ApiError } from './errors.ts'
import { compileFilter, compileOrder, type FieldResolver } from './filter.ts'

interface Item {
  readonly id: string
  readonly count?: number
  readonly at: string
  readonly labels: Readonly<Record<string, string>>
}

const items: readonly Item[] = [
  { id: 'a', count: 1, at: '2024-01-01T00:00:00Z', labels: { dag: 'x', 'g/y': '1' } },
  { id: 'b', count: 2, at: '2024-01-02T00:00:00Z', labels: { dag: 'y' } },
  { id: 'c', at: '2024-01-03T00:00:00Z', labels: {} },
]

const resolve: FieldResolver<Item> = ([name, key]) => {
  switch (name) {
    case 'id':
      return { type: 'string', get: (item) => item.id }
    case 'count':
      return { type: 'number', get: (item) => item.count }
    case 'at':
      return { type: 'time', get: (item) => Date.parse(item.at) }
    case 'labels':
      return key === undefined ? null : { type: 'string', get: (item) => item.labels[key] }
    default:
      return null
  }
}

const matching = (filter: string) =>
  items
    .filter(compileFilter(filter, resolve))
    .map(({ id }) => id)
    .join('')

describe('filter', () => {
  it.each([
    ['', 'abc'],
    ['id="a"', 'a'],
    ['id=a', 'a'],
    ["id='a'", 'a'],
    ['id!="a"', 'bc'],
    ['count>1', 'b'],
    ['count>=1', 'ab'],
    ['count<2 AND id="a"', 'a'],
    ['at>"2024-01-01T12:00:00Z"', 'bc'],
    ['at<="2024-01-02"', 'ab'],
    ['labels.dag="x" OR labels.dag="y"', 'ab'],
    ['labels.dag:*', 'ab'],
    ['-labels.dag:*', 'c'],
    ['NOT labels.dag="x"', 'bc'],
    ['labels."g/y"="1"', 'a'],
    // OR binds tighter than AND.
    ['id="a" OR id="b" AND count=2', 'b'],
    ['id="a" OR (id="b" AND count=2)', 'ab'],
    ['id="a\\"b"', ''],
    ['(((id="c")))', 'c'],
  ])('%s -> %s', (filter, expected) => {
    expect(matching(filter)).toBe(expected)
  })

  it.each([
    'id',
    'id=',
    '=a',
    'id=a)',
    '(id=a',
    'id="a',
    'none=1',
    'count>x',
    'at>later',
    'id==a',
    'NOT',
    '('.repeat(500),
    'NOT '.repeat(500),
  ])('refuses %s', (filter) => {
    expect(() => compileFilter(filter, resolve)).toThrow(ApiError)
  })

  it('orders by several keys, absent values first', () => {
    const ordered = (text: string) =>
      items
        .toSorted(compileOrder(text, resolve))
        .map(({ id }) => id)
        .join('')
    expect(ordered('count')).toBe('cab')
    expect(ordered('at desc')).toBe('cba')
    expect(ordered('labels.dag desc, id')).toBe('bac')
    expect(() => ordered('none')).toThrow(ApiError)
    expect(() => ordered('id up')).toThrow(ApiError)
  })
})
