import { expect, test } from 'vitest'
import { runParams } from './params.ts'

const manifest = {
  dag: 'shop',
  params: {
    type: 'object',
    properties: {
      user: { type: 'string', minLength: 1, default: 'Gajs' },
      limit: { type: 'integer', maximum: 100 },
      share: { type: 'number' },
      full: { type: 'boolean', default: false },
      tags: { type: 'array', items: { type: 'string' } },
      note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      mode: { type: 'string', enum: ['fast', 'safe'] },
    },
  },
}
const defaults = { user: 'Gajs', full: false }

const good: [string, object][] = [
  ['user=Ana', { user: 'Ana' }],
  ['user=12', { user: '12' }],
  ['user=a=b', { user: 'a=b' }],
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
  expect(runParams(manifest, [text])).toEqual({ ...defaults, ...expected })
})

test('defaults fill what is not given', () => {
  expect(runParams(manifest, [])).toEqual(defaults)
})

const bad: [string, RegExp][] = [
  ['username=x', /no param called username/],
  ['constructor=x', /no param called constructor/],
  ['limit=many', /^param limit: /],
  ['limit=1.5', /^param limit: /],
  ['limit=101', /^param limit: .*100/],
  ['full=yes', /^param full: /],
  ['mode=slow', /^param mode: .*"fast"\|"safe"/],
  ['user=', /^param user: /],
  ['user', /user has no value/],
]
test.each(bad)('refuses %s', (text, message) => {
  expect(() => runParams(manifest, [text])).toThrow(message)
})

test('an unknown param is answered with the list', () => {
  expect(() => runParams(manifest, ['x=1'])).toThrow(
    expect.objectContaining({
      hint: 'its params are: user (default "Gajs"), limit, share, full (default false), tags, note, mode',
    }),
  )
})

test('a param without a default must be given', () => {
  const strict = { ...manifest, params: { ...manifest.params, required: ['limit'] } }
  expect(() => runParams(strict, [])).toThrow('param limit is missing')
})
