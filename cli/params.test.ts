import { expect, test } from 'vitest'
import type { Manifest } from '../artifact/manifest.ts'
import { parseParams } from './params.ts'

const manifest = {
  dag: 'shop',
  params: {
    type: 'object',
    properties: {
      user: { type: 'string' },
      limit: { type: 'integer' },
      share: { type: 'number' },
      full: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      mode: { type: 'string', enum: ['fast', 'safe'] },
    },
  },
} as unknown as Manifest

const good: [string, unknown][] = [
  ['user=Gajs', { user: 'Gajs' }],
  ['user=12', { user: '12' }],
  ['user=a=b', { user: 'a=b' }],
  ['user=', { user: '' }],
  ['limit=12', { limit: 12 }],
  ['share=0.5', { share: 0.5 }],
  ['share=2', { share: 2 }],
  ['full=true', { full: true }],
  ['tags=["a","b"]', { tags: ['a', 'b'] }],
  ['note=null', { note: null }],
  ['note=x', { note: 'x' }],
  ['mode=safe', { mode: 'safe' }],
]
test.each(good)('%s', (text, expected) => {
  expect(parseParams(manifest, [text])).toEqual(expected)
})

const bad: [string, RegExp][] = [
  ['username=x', /no param called username/],
  ['limit=many', /limit takes an integer, not many/],
  ['limit=1.5', /limit takes an integer/],
  ['full=yes', /full takes a boolean/],
  ['mode=slow', /mode cannot be slow/],
  ['user', /user has no value/],
]
test.each(bad)('refuses %s', (text, message) => {
  expect(() => parseParams(manifest, [text])).toThrow(message)
})

test('an unknown param is answered with the list', () => {
  expect(() => parseParams(manifest, ['x=1'])).toThrow(
    expect.objectContaining({ hint: 'its params are: user, limit, share, full, tags, note, mode' }),
  )
})
