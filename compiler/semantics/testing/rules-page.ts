import { triggerRules, type TriggerRule } from '../../../dsl/trigger-rule.ts'
import { decide } from '../decide.ts'
import {
  rules,
  setupRule,
  teardownRule,
  type Decision,
  type FinalState,
  type Rule,
  type Test,
} from '../rules.ts'

/** What each rule is for, in a few words; what it decides stands in the table beside. */
const uses: Readonly<Record<TriggerRule, string>> = {
  all_success: 'the default: all that it needs is there',
  all_failed: 'a way out when nothing worked',
  all_done: 'runs once everything above has ended, however',
  all_done_min_one_success: 'works with what there is, failures allowed; one skip is enough to be skipped',
  all_skipped: 'something to do when no case was taken',
  one_success: 'one of several sources is enough',
  one_failed: 'reports a failure, or cleans up behind it',
  one_done: 'one of those above did its work, well or not',
  none_failed: 'skips above do no harm, even when all are skipped',
  none_failed_min_one_success: 'joins the cases of a branch',
  none_skipped: 'failures above do no harm, skips do',
  always: 'runs in any case',
}

const letters: readonly (readonly [string, FinalState])[] = [
  ['S', 'success'],
  ['F', 'failed'],
  ['U', 'upstream_failed'],
  ['K', 'skipped'],
]

/** docs/trigger-rules.md, from the table that `decide` and the compiled workflows use. */
export function rulesPage(): string {
  return [
    '# Trigger rules',
    '',
    'Generated from `compiler/semantics/rules.ts`, which also gives the compiled workflows their tests; a test refuses a page that differs. Write it anew with `UPDATE_GOLDEN=1 npx vitest run compiler/semantics`.',
    '',
    'A task decides once, when every task directly above it has ended: it runs, is `skipped`, or is `upstream_failed`. Its rule looks at the final states of **all** tasks directly above, each instance of a mapped task counting by itself; never at tasks further up. Names and meanings are those of [Airflow](https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules); where they differ, see [from-airflow.md](from-airflow.md#deliberate-differences).',
    '',
    '## Order of checks',
    '',
    "1. A branch or short circuit directly above that chose otherwise, or a short circuit further above with `skips: 'all'`: **skipped**, whatever the rule.",
    '2. No task above: **run**.',
    '3. Rule `always`: **run**.',
    '4. Setups that the task needs without coming right after them (see below).',
    '5. The rule. Of 4 and 5 a failure wins over a skip, and a skip over running.',
    '',
    'A failure wins over a skip, with one exception: a failure that in Airflow is never seen in time, because in whatever order tasks end something above has skipped the task before, is not seen here either. So it is below a branch: of `br` with the cases `x` and `y`, and `j` with `all_success` below both, `j` is skipped as soon as `br` has chosen `x`, and `x` failing later makes no difference. A failure comes too late if it waits for the task that was skipped, for the branch or short circuit that excluded that one, or, by more than one task, for what its own rule skipped it for; and if nothing else that failed above could have come first. In the reason of a skip it stands behind `>` instead of `=`: `x>failed, y=skipped`.',
    '',
    'A final state is never rewritten, and the same states always give the same decision: it does not depend on which task ended first.',
    '',
    '## Rules',
    '',
    'The first line that applies decides; where none does, the task runs.',
    '',
    ...table(
      ['rule', 'decides', 'for'],
      triggerRules.map((rule) => [`\`${rule}\``, ruleText(rules[rule]), uses[rule]]),
    ),
    '',
    '## Two tasks above',
    '',
    'S success, F failed, U upstream_failed, K skipped; `uf` is upstream_failed.',
    '',
    ...pairTable(),
    '',
    'With more tasks above only the kinds of states matter, not how many of each there are: three successes and a skip decide as one of each does.',
    '',
    '## Setups and teardowns',
    '',
    `A task needs every setup above it that has no teardown, or whose teardown is below the task. One that it does not come right after counts beside its rule: ${ruleText(setupRule)}; else the rule decides. Right after a setup only \`all_success\` is allowed.`,
    '',
    `A teardown has no rule of its own. Once everything above it has ended, it looks at its own setups: ${ruleText(teardownRule)}; else it **runs**.`,
    '',
    '## Mapped tasks',
    '',
    'A mapped task needs the tasks that give it its lists, whatever its rule: one that failed makes it upstream_failed, one that was skipped makes it skipped. An empty list makes it skipped. Inside a mapped group the rules look at the same instance of the tasks in the group.',
    '',
  ].join('\n')
}

function ruleText(rule: Rule): string {
  if (rule.length === 0) return '**runs**'
  return rule.map(({ when, then }) => `${testText(when)}: **${then}**`).join('; ')
}

function testText(test: Test): string {
  return 'any' in test ? `any ${oneOf(test.any)}` : `none ${oneOf(test.none)}`
}

function oneOf(states: readonly FinalState[]): string {
  const last = states.at(-1) ?? ''
  return states.length < 2 ? last : `${states.slice(0, -1).join(', ')} or ${last}`
}

function pairTable(): readonly string[] {
  const pairs = letters.flatMap(([a, first], index) =>
    letters.slice(index).map(([b, second]) => ({ name: `${a}${b}`, states: [first, second] })),
  )
  const short: Readonly<Record<Decision, string>> = { run: 'run', skipped: 'skip', upstream_failed: 'uf' }
  return table(
    ['rule', ...pairs.map(({ name }) => name)],
    triggerRules.map((rule) => [
      `\`${rule}\``,
      ...pairs.map(({ states }) => short[decide(rule, { excluded: false, states, setups: [] })]),
    ]),
  )
}

/** As the formatter writes tables: columns padded to their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)]
}
