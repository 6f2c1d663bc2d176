import { expect, test } from 'vitest'
import { isComplete, requestsOf } from './statement-input.ts'

test.each([
  ['SELECT 1', false],
  ['SELECT 1;', true],
  ["SELECT ';", true],
  ["SELECT ''';\n", false],
  ["SELECT ''';\n''';", true],
  ['/* ;\n', false],
  ['SELECT 1 -- ;\n', false],
  ['BEGIN\n  SELECT 1;\n', false],
  ['BEGIN\n  SELECT 1;\nEND;', true],
  ['IF TRUE THEN SELECT 1;', false],
  ['CREATE PROCEDURE d.p() BEGIN SELECT 1;', false],
  ['SELECT FROM;', true],
  ['SELECT (1;', true],
])('%j is complete: %s', (text, complete) => {
  expect(isComplete(text)).toBe(complete)
})

test.each([
  ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
  ['DECLARE x INT64; SELECT x;', ['DECLARE x INT64; SELECT x;']],
  [
    'CREATE TEMP TABLE t AS SELECT 1; SELECT * FROM t;',
    ['CREATE TEMP TABLE t AS SELECT 1; SELECT * FROM t;'],
  ],
  ['SELEC 1;', ['SELEC 1;']],
])('%j makes the requests %j', (text, requests) => {
  expect(requestsOf(text)).toEqual(requests)
})
