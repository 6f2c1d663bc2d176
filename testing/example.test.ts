import { expect, it } from 'vitest'
import { z } from '../dsl/index.ts'
import { exampleOf } from './example.ts'

it.each<[string, z.ZodType, unknown]>([
  ['text', z.string(), 'x'],
  ['text of some length', z.string().min(3), 'xxx'],
  ['no text', z.string().max(0), ''],
  ['an enum', z.enum(['b', 'a']), 'b'],
  ['a literal', z.literal(7), 7],
  ['a whole number', z.int(), 0],
  ['a number above', z.number().gt(2), 3],
  ['a number from', z.number().min(2.5), 2.5],
  ['a negative number', z.int().max(-3), -3],
  ['a multiple', z.int().min(5).multipleOf(4), 8],
  ['a boolean', z.boolean(), false],
  ['null, where it may be', z.object({ a: z.int().min(1) }).nullable(), null],
  ['the first of a union', z.union([z.int(), z.string()]), 0],
  ['what is required', z.object({ a: z.string(), b: z.int().optional() }), { a: 'x' }],
  ['what has a default not', z.object({ a: z.string().default('x') }), {}],
  ['a short list', z.array(z.int()), []],
  ['a list of some length', z.array(z.iso.date()).min(2), ['2026-01-01', '2026-01-01']],
  ['a tuple', z.tuple([z.string(), z.int()]), ['x', 0]],
  ['a record', z.record(z.string(), z.int()), {}],
  ['a moment', z.iso.datetime(), '2026-01-01T00:00:00Z'],
  ['an address', z.url(), 'https://example.com/'],
  ['a mail address', z.email(), 'somebody@example.com'],
  ['an id', z.uuid(), '00000000-0000-4000-8000-000000000000'],
  ['a pattern', z.string().regex(/^\d{3}-\d{2}$/), '000-00'],
  ['a checksum', z.string().regex(/^[0-9a-f]{32}$/), '0'.repeat(32)],
  ['a name', z.string().regex(/^[a-z][a-z0-9_]*(?:-[a-z]+)?$/), 'a'],
  ['one of two', z.string().regex(/^(?:gs|s3):\/\/[^/]+\/.+$/), 'gs://x/x'],
  ['anything', z.unknown(), null],
  [
    'what is written in the schema',
    z
      .string()
      .regex(/^gs:/)
      .meta({ examples: ['gs://b/o'] }),
    'gs://b/o',
  ],
])('makes up %s', (_what, schema, value) => {
  expect(exampleOf(schema)).toEqual({ value })
})

it.each<[string, z.ZodType]>([
  ['a pattern that looks ahead', z.string().regex(/^(?=.*b)a+b$/)],
  ['a refinement', z.int().refine((value) => value % 7 === 3)],
  ['an instance', z.instanceof(URL)],
])('makes nothing up for %s', (_what, schema) => {
  expect(exampleOf(schema)).toBeNull()
})

it('ends where a schema refers to itself', () => {
  interface Tree {
    children: Tree[]
  }
  const tree: z.ZodType<Tree> = z.object({ children: z.lazy(() => z.array(tree)) })
  expect(exampleOf(tree)).toEqual({ value: { children: [] } })
})
