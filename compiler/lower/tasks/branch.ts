import type { BranchTask } from '../../../dsl/index.ts'
import { inputsOf } from '../../../dsl/task-inputs.ts'
import { chunks } from '../../schedule/width.ts'
import type { Descent } from '../../semantics/index.ts'
import { mostAssignments, operandsOf, testSteps, type Operands } from '../condition.ts'
import { longestExpression } from '../expression-text.ts'
import { assign, call, expr, list, map, nul, returns, step, str, type Step, type Value } from '../language.ts'
import type { Work } from '../routine.ts'
import { quoted } from '../value.ts'

/** A branch: which cases are chosen, and for every task of its cases whether it is followed. */
export function branchWork(
  task: BranchTask,
  cases: ReadonlyMap<string, readonly string[]>,
  descent: Descent,
): Work {
  const follows = [...casesForChildren(cases, descent)].map(([child, own]) => follow(child, own))
  const long = chunks(
    follows.flatMap(({ assignments }) => assignments),
    mostAssignments,
  )
  const operands = operandsOf(inputsOf(task))
  return {
    steps: [
      ...chooseSteps(task, operands),
      ...long.map((part, index) => step(`follow_${index + 1}`, assign(part))),
      step(
        'chosen',
        returns(
          map({
            state: str('success'),
            tries: expr('run.try'),
            output: map({ chosen: expr('chosen') }),
            for: map(follows.map(({ entry }) => entry)),
          }),
        ),
      ),
    ],
    hasInput: operands.entries.length > 0,
    idempotent: true,
  }
}

function chooseSteps(task: BranchTask, operands: Operands): readonly Step[] {
  const { choice, otherwise } = task
  if (choice.kind === 'value') {
    const args = {
      value: expr('input'),
      cases: list(choice.cases.map(str)),
      otherwise: otherwise === null ? nul : str(otherwise),
    }
    return [step('choose', call('chosen_cases', { args, result: 'chosen' }))]
  }
  const tests = choice.cases.map(({ name, condition }) => [`is_${name}`, condition] as const)
  const collected = choice.cases.map(
    ({ name }) => ['chosen', expr(`if(is_${name}, list.concat(chosen, ${quoted(name)}), chosen)`)] as const,
  )
  return testSteps('choose', tests, operands, [
    ['chosen', list([])],
    ...collected,
    ...(otherwise === null
      ? []
      : [['chosen', expr(`if(len(chosen) == 0, [${quoted(otherwise)}], chosen)`)] as const]),
  ])
}

/**
 * Per task that comes after a case the cases that it is followed with: its own, and those of the tasks above it. Airflow
 * follows a task below a chosen one too. https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#branching
 */
function casesForChildren(
  cases: ReadonlyMap<string, readonly string[]>,
  { between }: Descent,
): ReadonlyMap<string, readonly string[]> {
  const own = new Map<string, string[]>()
  for (const [name, children] of cases) {
    for (const child of children) own.set(child, [...(own.get(child) ?? []), name])
  }
  const below = new Map([...own.keys()].map((child) => [child, between(child, own.keys())]))
  return new Map(
    [...own].map(([child, names]) => {
      const above = [...own].filter(([other]) => below.get(other)?.has(child))
      return [child, [...new Set([...names, ...above.flatMap(([, cases]) => cases)])]]
    }),
  )
}

/** Whether a task of the branch is followed; several assignments to a variable where one expression is too short. */
interface Follow {
  readonly entry: readonly [child: string, value: Value]
  readonly assignments: readonly (readonly [string, Value])[]
}

function follow(child: string, cases: readonly string[]): Follow {
  const variable = `follows_${child}`
  const texts = alternatives(
    variable,
    cases.map((name) => `${quoted(name)} in chosen`),
  )
  const [whole = 'false'] = texts
  const isOne = texts.length === 1
  return {
    entry: [child, expr(`if(${isOne ? whole : variable}, "success", "excluded")`)],
    assignments: isOne ? [] : texts.map((text) => [variable, expr(text)] as const),
  }
}

/** Tests joined by `or`, as few expressions as hold them; each after the first begins with the variable. */
function alternatives(variable: string, tests: readonly string[]): readonly string[] {
  const texts: string[] = []
  for (const test of tests) {
    const last = texts.at(-1)
    const longer = `${last ?? ''} or ${test}`
    if (last === undefined) texts.push(test)
    else if (longer.length <= longestExpression - ifLength) texts[texts.length - 1] = longer
    else texts.push(`${variable} or ${test}`)
  }
  return texts
}

/** What stands around a test in `for`. */
const ifLength = 'if(, "success", "excluded")'.length
