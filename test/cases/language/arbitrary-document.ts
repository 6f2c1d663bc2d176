import * as fc from 'fast-check'
import * as b from '../../../language/build.ts'
import { expressionSource } from '../../../language/expression-text.ts'
import { printExpression } from '../../../language/expression/print.ts'
import type { Block, Loop, Step, StepBody, SwitchCondition, Value } from '../../../language/syntax.ts'

const variable = fc.constantFrom('x', 'y_1', '_z', 'yes', 'no', 'on', 'n', 'list')
const stepName = fc.oneof(variable, fc.constantFrom('do-it', '1', 'a b', 'init: x', '#', "it's"))

/** Text that some version of YAML could read as something else. */
const trickyWords =
  'yes No on null ~ 12 1.0 1e3 0x1F 0o7 2024-01-01 12:30 .inf | > @ ` % { [ " \' \\ << = ... --- $ {x} &a *a !a 1_000 - +1'
const trickyText = fc.constantFrom(
  ...trickyWords.split(' '),
  '',
  ' ',
  'a: b',
  'a #b',
  '- a',
  '? a',
  'true ',
  'text --- text',
  'a\n',
  'a\nb',
  '\na',
  'a\n\n',
  ' a\nb',
  'a \nb',
  'a\n\n\nb\n',
  'SELECT 1\nFROM t\n',
  '\t',
  'a\r\nb',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u{1f600}',
  '${x',
  'a ${x} b',
  '${x} and ${x',
  '${"\n',
  '$${x}\\',
)
const text = fc
  .oneof(trickyText, fc.string({ unit: 'binary' }), fc.string())
  .filter((value) => expressionSource(value) === undefined)
const source = fc.constantFrom(
  'x',
  'x + 1',
  '"a: " + x',
  'm["k"].b[0]',
  'not ("it\'s #1" in x)',
  '[1, 2.0, null]',
  'len(x) > 0 and true',
  '"\\u2028"',
  'x  +  1',
  "'single'",
  'text.to_upper("a\\n")',
  'x\n  + 1',
  ' x ',
)
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text.map(b.str),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(b.int),
    fc.double().map(b.double),
    fc.boolean().map(b.bool),
    fc.constant(b.nul),
    source.map(b.expr),
    fc.array(tie('value'), { maxLength: 3 }).map(b.list),
    fc
      .uniqueArray(fc.tuple(fc.oneof(text, source.map(b.expr)), tie('value')), {
        maxLength: 3,
        selector: ([key]) => (typeof key === 'string' ? key : `\${${printExpression(key.expression)}}`),
      })
      .map((pairs) => b.map(pairs)),
  ),
}))

const next = fc.oneof(
  fc.constant({}),
  stepName.map((name) => ({ next: name })),
)
const target = fc.constantFrom('x', 'm["key: 1"]', 'm.a.b', 'l[i + 1].b', "m['x']", 'no')

/** No interface, which would have no index signature. */
type Parts = {
  steps: Step[]
  body: StepBody
  loop: Loop
  condition: SwitchCondition
  block: Block
}

const { steps } = fc.letrec<Parts>((tie) => ({
  steps: fc.array(
    fc.tuple(stepName, tie('body')).map(([name, body]) => b.step(name, body)),
    { minLength: 1, maxLength: 3 },
  ),
  body: fc.oneof(
    { maxDepth: 2 },
    stepName.map(b.goto),
    fc
      .tuple(fc.array(fc.tuple(target, value), { minLength: 1, maxLength: 3 }), next)
      .map(([a, n]) => b.assign(a, n)),
    fc
      .tuple(
        fc.constantFrom('sys.log', 'helper', 'googleapis.run.v2.projects.locations.jobs.run'),
        fc.option(fc.oneof(fc.dictionary(variable, value), fc.array(value).map(b.list)), { nil: undefined }),
        fc.option(variable, { nil: undefined }),
        next,
      )
      .map(([callee, args, result, n]) =>
        b.call(callee, { ...(args && { args }), ...(result !== undefined && { result }), ...n }),
      ),
    value.map(b.raises),
    value.map(b.returns),
    fc
      .tuple(fc.array(tie('condition'), { minLength: 1, maxLength: 3 }), next)
      .map(([conditions, n]) => b.switchOn(conditions, n)),
    fc.tuple(tie('loop'), next).map(([loop, n]) => b.forEach(loop, n)),
    fc.tuple(tie('steps'), next).map(([body, n]) => b.steps(body, n)),
    fc
      .tuple(
        fc.oneof(
          tie('loop'),
          fc.array(
            fc.tuple(stepName, tie('steps')).map(([name, body]) => b.branch(name, body)),
            { minLength: 1, maxLength: 2 },
          ),
        ),
        fc.array(variable, { maxLength: 2 }),
        fc.option(fc.oneof(source.map(b.expr), fc.constant(b.int(2))), { nil: undefined }),
        next,
      )
      .map(([work, shared, concurrencyLimit, n]) =>
        b.parallel(work, { shared, ...(concurrencyLimit && { concurrencyLimit }), ...n }),
      ),
    fc
      .tuple(tie('block'), source, tie('steps'), fc.integer({ min: 1, max: 3 }), next)
      .map(([block, predicate, handler, which, n]) =>
        b.tryBody(block, {
          ...(which !== 2 && {
            retry:
              which === 1
                ? b.retryPolicy('http.default_retry')
                : b.retry({
                    predicate,
                    maxRetries: b.int(1),
                    initialDelay: b.double(1),
                    maxDelay: b.expr('x'),
                    multiplier: b.int(2),
                  }),
          }),
          ...(which !== 1 && { except: b.except('e', handler) }),
          ...n,
        }),
      ),
  ),
  loop: fc.oneof(
    fc
      .tuple(variable, value, tie('steps'), fc.option(variable, { nil: undefined }))
      .filter(([, items]) => items.kind === 'list' || items.kind === 'expression')
      .map(([name, items, body, index]) => b.loopIn(name, items, body, index)),
    fc.tuple(variable, source, tie('steps')).map(([name, range, body]) => b.loopRange(name, range, body)),
  ),
  condition: fc.oneof(
    fc.tuple(source, tie('body')).map(([condition, body]) => b.when(condition, body)),
    tie('body').map(b.otherwise),
  ),
  block: fc.oneof(
    tie('steps').map((body) => b.steps(body)),
    fc.constant(b.call('http.get', { args: { url: b.str('https://example.com') }, result: 'x' })),
  ),
}))

const defaultValue = fc.oneof(text.map(b.str), fc.double().map(b.double), fc.constant(b.nul))
const params = fc.array(
  fc
    .tuple(variable, fc.option(defaultValue, { nil: undefined }))
    .map(([name, fallback]) => b.param(name, fallback)),
  { maxLength: 3 },
)
const comment = fc.option(fc.oneof(text, fc.constant('a\n\nb')), { nil: undefined })
/** Documents with every construct of the language and every kind of value; not all of them can be deployed. */
export const arbitraryDocument = fc
  .tuple(
    fc.uniqueArray(fc.tuple(variable, params, steps, comment), { selector: ([name]) => name, maxLength: 2 }),
    steps,
    comment,
  )
  .map(([others, main, head]) =>
    b.document(
      [
        b.subworkflow('main', ['args'], main),
        ...others.map(([name, own, body, note]) => b.subworkflow(name, own, body, note)),
      ],
      head,
    ),
  )
