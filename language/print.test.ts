import { expect, test } from 'vitest'
import { parse } from 'yaml'
import * as b from './build.ts'
import { printWorkflow } from './print.ts'

function printValue(value: Parameters<typeof b.returns>[0]): string {
  // A step with fewer assignments would stand on one line.
  const body = b.assign({ a: b.nul, b: b.nul, c: value })
  const text = printWorkflow(b.document([b.subworkflow('main', ['x'], [b.step('s', body)])]))
  return text.slice(text.indexOf('c:') + 'c:'.length).trim()
}

test('a document with everything in it', () => {
  const document = b.document(
    [
      b.subworkflow(
        'main',
        ['args'],
        [
          b.step(
            'init',
            b.assign([
              ['x', b.int(1)],
              ['m', b.map({ a: b.list([]), e: b.map({}) })],
            ]),
          ),
          b.step(
            'work',
            b.parallel(
              [
                b.branch('one', [b.step('w1', b.assign({ 'm["a"]': b.expr('x + 1') }))]),
                b.branch('two', [
                  b.step('w2', b.call('helper', { args: { a: b.expr('"a: " + args.b') }, result: 'r' })),
                ]),
              ],
              { shared: ['m'] },
            ),
            'DAG demo\n\ntwo tasks',
          ),
          b.step(
            'check',
            b.switchOn([
              b.when('x > 1', b.goto('end')),
              b.otherwise(b.raises(b.json({ message: 'no', tags: ['T'] }))),
            ]),
          ),
        ],
      ),
      b.subworkflow(
        'helper',
        [b.param('a'), b.param('c', b.double(1))],
        [
          b.step(
            'attempt',
            b.tryBody(
              b.steps([
                b.step('loop', b.forEach(b.loopRange('i', '[0, 3]', [b.step('l', b.goto('continue'))]))),
              ]),
              {
                retry: b.retry({
                  predicate: 'http.default_retry_predicate',
                  maxRetries: b.int(3),
                  initialDelay: b.int(1),
                  maxDelay: b.double(60.5),
                  multiplier: b.int(2),
                }),
                except: b.except('e', [b.step('fail', b.raises(b.expr('e')))]),
              },
            ),
          ),
        ],
        'Helps.',
      ),
    ],
    'Generated.\n\nDo not edit.',
  )
  expect(printWorkflow(document)).toMatchInlineSnapshot(`
    "# Generated.
    #
    # Do not edit.

    main:
      params: [args]
      steps:
      - init:
          assign:
          - x: 1
          - m:
              a: []
              e: {}
      # DAG demo
      #
      # two tasks
      - work:
          parallel:
            shared: [m]
            branches:
            - one:
                steps:
                - w1:
                    assign:
                    - 'm["a"]': \${x + 1}
            - two: {steps: [{w2: {call: helper, args: {a: '\${"a: " + args.b}'}, result: r}}]}
      - check:
          switch:
          - {condition: "\${x > 1}", next: end}
          - condition: true
            raise:
              message: 'no'
              tags: [T]

    # Helps.
    helper:
      params: [a, {c: 1.0}]
      steps:
      - attempt:
          try:
            steps:
            - loop:
                for:
                  value: i
                  range: \${[0, 3]}
                  steps:
                  - l: {next: continue}
          retry:
            predicate: \${http.default_retry_predicate}
            max_retries: 3
            backoff: {initial_delay: 1, max_delay: 60.5, multiplier: 2}
          except: {as: e, steps: [{fail: {raise: "\${e}"}}]}
    "
  `)
  expect(printWorkflow(document)).toBe(printWorkflow(document))
})

test.each([
  ['yes', `'yes'`],
  ['on', `'on'`],
  ['n', `'n'`],
  ['Null', `'Null'`],
  ['~', `'~'`],
  ['', `''`],
  ['2024-01-01', `'2024-01-01'`],
  ['12', `'12'`],
  ['1_000', `'1_000'`],
  ['12:30:45', `'12:30:45'`],
  ['0x1F', `'0x1F'`],
  ['.inf', `'.inf'`],
  ['e1', `'e1'`],
  ['open-', 'open-'],
  ['a: b', `'a: b'`],
  ['a #b', `'a #b'`],
  ["it's", `'it''s'`],
  ['- a', `'- a'`],
  [' a', `' a'`],
  ['plain text, no', `'plain text, no'`],
  ['googleapis.run.v2', 'googleapis.run.v2'],
  ['${x}', `'\${"\${x}"}'`],
  ['Hello ${x}', `'\${"Hello \${x}"}'`],
  ['tab\t', '"tab\\t"'],
  ['é', `'é'`],
  ['\u2028', '"\\u2028"'],
  ['\u0085\u007f', '"\\u0085\\u007f"'],
  ['a\u0000', '"a\\u0000"'],
  ['\u{1f600}', `'\u{1f600}'`],
  ['SELECT 1\nFROM t\n', '|\n          SELECT 1\n          FROM t'],
])('text %j', (text, yaml) => {
  expect(printValue(b.str(text))).toBe(yaml)
})

test.each([
  [b.int(1), '1'],
  [b.double(1), '1.0'],
  [b.double(-0), '-0.0'],
  [b.double(1e21), '1.0e+21'],
  [b.double(1.5e-9), '1.5e-9'],
  [b.double(Number.NaN), '.nan'],
  [b.double(Number.NEGATIVE_INFINITY), '-.inf'],
  [b.int(2n ** 63n - 1n), '9223372036854775807'],
  [b.nul, 'null'],
  [b.bool(true), 'true'],
  [b.expr('a.b[0] + 1'), '${a.b[0] + 1}'],
  [b.expr('"it\'s: #1"'), `'\${"it''s: #1"}'`],
  [b.expr('a +\n b'), '${a + b}'],
])('value %#', (value, yaml) => {
  expect(printValue(value)).toBe(yaml)
})

test('keys too long for one line, texts of several lines and lists in lists are what YAML reads them as', () => {
  const key = `k${'x'.repeat(2000)}`
  const deep = Array.from({ length: 20 }).reduce<unknown>((inner) => [inner, 'a\nb'], 'deep')
  const value = {
    [key]: { a: [['x', ['y: z']]] },
    empty: [[], {}],
    text: 'one\n\ntwo\n',
    'a\nb': [null],
    deep,
  }
  const text = printWorkflow(b.document([b.subworkflow('main', [], [b.step('s', b.returns(b.json(value)))])]))
  expect(parse(text, { version: '1.1' })).toEqual({ main: { steps: [{ s: { return: value } }] } })
  expect(parse(text, { version: '1.2' })).toEqual({ main: { steps: [{ s: { return: value } }] } })
})

test('factories refuse what Workflows cannot hold', () => {
  expect(() => b.expr('a +')).toThrow('unexpected end of expression')
  expect(() => b.assign({ 'f(x)': b.nul })).toThrow('an assignment needs a variable')
  expect(() => b.int(2n ** 63n)).toThrow(RangeError)
  expect(() => b.int(1.5)).toThrow(RangeError)
  expect(() => b.json(undefined)).toThrow(TypeError)
  expect(Object.isFrozen(b.map({ a: b.nul }))).toBe(true)
})

test('a short step that does one thing stands on one line', () => {
  const steps = [
    b.step('one', b.call('sys.sleep', { args: { seconds: b.expr('delay') }, next: 'two' })),
    b.step('two', b.assign({ a: b.int(1), b: b.map({ c: b.str('') }) })),
    b.step('three', b.assign({ a: b.int(1), b: b.int(2), c: b.int(3) })),
    b.step('four', b.switchOn([b.when('a == 1', b.goto('one'))])),
    b.step('five', b.switchOn([b.when('a == 1', b.goto('one')), b.otherwise(b.goto('two'))])),
    b.step('six', b.call('sys.log', { args: { text: b.str('a: b') } })),
    b.step('seven', b.returns(b.list([b.expr(`"${'x'.repeat(150)}"`)]))),
  ]
  const text = printWorkflow(b.document([b.subworkflow('main', ['delay'], steps)]))
  expect(text.slice(text.indexOf('- one')))
    .toBe(`- one: {call: sys.sleep, args: {seconds: "\${delay}"}, next: two}
  - two: {assign: [{a: 1}, {b: {c: ''}}]}
  - three:
      assign:
      - a: 1
      - b: 2
      - c: 3
  - four: {switch: [{condition: "\${a == 1}", next: one}]}
  - five:
      switch:
      - {condition: "\${a == 1}", next: one}
      - {condition: true, next: two}
  - six:
      call: sys.log
      args:
        text: 'a: b'
  - seven:
      return: ['\${"${'x'.repeat(150)}"}']
`)
})
