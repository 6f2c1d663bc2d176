import { expect, it } from 'vitest'
import { z } from 'zod'
import { mostBytes, staysInWorkflow } from './bound.ts'

const none = Number.POSITIVE_INFINITY

it.each<[string, object, number]>([
  ['a boolean', z.boolean(), 24],
  ['a whole number', z.int(), 24],
  ['an enum', z.enum(['full', 'delta']), 7],
  ['a literal', z.literal('x'), 3],
  ['a text', z.string(), none],
  ['a text with a bound', z.string().max(10), 12],
  ['the tightest of its bounds', z.string().max(10).max(5), 7],
  ['a text of one length', z.string().length(3), 5],
  ['a day', z.iso.date(), 12],
  ['a uuid', z.uuid(), 38],
  ['a uuid that may lack', z.uuid().optional(), 38],
  ['a format without a bound', z.email(), none],
  ['a pattern', z.string().regex(/^a+$/), none],
  ['a pattern with a bound', z.string().regex(/^a+$/).max(4), 6],
  ['a list', z.array(z.boolean()), none],
  ['a list with a bound', z.array(z.int()).max(4), 102],
  ['a list of texts with a bound', z.array(z.string()).max(4), none],
  ['an empty list', z.array(z.string()).max(0), 2],
  ['a pair', z.tuple([z.boolean(), z.string().max(2)]), 28],
  ['a pair and more', z.tuple([z.boolean()], z.string().max(2)), none],
  ['an object', z.object({ a: z.boolean(), b: z.string().max(2) }), 40],
  ['an object with any fields', z.looseObject({ a: z.boolean() }), none],
  ['a record', z.record(z.string(), z.int()), none],
  ['a choice', z.union([z.boolean(), z.string().max(50)]), 52],
  ['a choice with an open end', z.union([z.boolean(), z.string()]), none],
  ['null or a text', z.string().max(1).nullable(), 4],
  ['a default', z.string().max(7).default('x'), 9],
  ['what is made of a text', z.string().max(9).transform(Number).pipe(z.int()), 24],
  ['anything', z.unknown(), none],
  ['nothing known', {}, none],
])('%s', (_, schema, bytes) => {
  expect(mostBytes(schema)).toBe(bytes)
})

it.each([
  [0, 0, 1000, true],
  [1, 1000, 590, true],
  [1, 1000, 600, false],
  [1, 50, 1000, true],
  // Larger fields are pointers by then.
  [12, 1000, 80, true],
  [13, 1000, 80, false],
  // Shorter than any pointer: it never moves.
  [500, 1000, 24, true],
])('of %i more fields of %i characters, one of %i bytes stays: %s', (count, size, bytes, stays) => {
  const others = Array.from(
    { length: count },
    (_, index) => [`field_${index}`, z.string().max(size)] as const,
  )
  const output = z.object({ own: z.string().max(bytes - 2), ...Object.fromEntries(others) })
  expect(staysInWorkflow(output, bytes)).toBe(stays)
})
