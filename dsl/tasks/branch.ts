import { z } from 'zod'
import { readCondition, type ConditionInput } from '../condition-input.ts'
import { DagError } from '../errors/dag-error.ts'
import type { BranchRef, CaseHandle } from '../handle.ts'
import { readValue, type InputPlace } from '../input.ts'
import { callerOf } from '../location.ts'
import { checkKeys } from '../problems.ts'
import { workKeys, type WorkOptions } from '../options.ts'
import { makeRef, refOf, type Handle } from '../ref.ts'
import { listKind } from '../schema.ts'
import type { Scope } from '../scope.ts'
import { didYouMean } from '../suggest.ts'
import type { Choice } from '../task.ts'
import { describe, isPlainObject } from '../values.ts'

/** Chooses the cases that a value names: one text, or a list of them. */
export interface ValueChoice<Value extends string, Case extends Value, Otherwise extends string> {
  /** A bounded text such as a `z.enum`, or a list of such; null, like any other value, chooses `otherwise`. */
  readonly on: Handle<Value | readonly Value[] | null | undefined>
  readonly cases: readonly Case[]
  /** What is chosen where no case is: one of the cases, or another name. @default none: all cases are skipped */
  readonly otherwise?: Otherwise
}

/** Chooses every case whose condition holds. */
export interface ConditionChoice<Case extends string, Otherwise extends string> {
  readonly cases: { readonly [Name in Case]: ConditionInput }
  /** What is chosen where no condition holds: one of the cases, or another name. @default none: all cases are skipped */
  readonly otherwise?: Otherwise
}

/**
 * Chooses among the tasks that come after its cases; those of other cases are skipped. What comes right after the
 * branch itself is not part of the choice. Airflow: `BranchPythonOperator`, with cases that the editor knows.
 *
 * @example
 * const mode = branch('mode', { on: params.mode, cases: ['full', 'delta'] })
 * const full = task('load_all', loadAll, {}, { after: mode.case('full') })
 * const delta = task('load_new', loadNew, {}, { after: mode.case('delta') })
 * empty('loaded', { after: [full, delta], triggerRule: 'none_failed_min_one_success' })
 *
 * @example
 * branch('size', { cases: { large: gt(list.count, 1000), small: all(gt(list.count, 0), lte(list.count, 1000)) } })
 */
export interface DeclareBranch {
  <Value extends string, const Case extends Value, const Otherwise extends string = never>(
    id: string,
    choice: ValueChoice<Value, Case, Otherwise>,
    options?: WorkOptions,
  ): BranchRef<Case | Otherwise>
  <const Case extends string, const Otherwise extends string = never>(
    id: string,
    choice: ConditionChoice<Case, Otherwise>,
    options?: WorkOptions,
  ): BranchRef<Case | Otherwise>
}

export function branchKind(scope: Scope): DeclareBranch {
  const branch = (id: string, choice: unknown, options: WorkOptions = {}): BranchRef<string> => {
    const at = callerOf(branch)
    const base = scope.base(id, options, { keys: workKeys, timeout: 60, works: false, at })
    const place = scope.inputPlace(`task ${id}`, at)
    const { cases, otherwise } = readChoice(choice, place)
    scope.add({ ...base, kind: 'branch', choice: cases, otherwise })
    const names = [...new Set([...namesOf(cases), ...(otherwise === null ? [] : [otherwise])])]
    const caseOf = (name: string): CaseHandle => {
      if (!names.includes(name)) {
        throw new DagError('DAG117', `branch ${id} has no case ${describe(name)}`, {
          at: callerOf(caseOf),
          hint: didYouMean(name, names, 'cases'),
        })
      }
      return scope.addHandle(Object.freeze({}) as CaseHandle, { kind: 'case', id, name })
    }
    const source = { kind: 'task', task: id } as const
    const chosen = makeRef<string[]>(scope.owner, { source, path: ['chosen'] }, chosenSchema(names))
    return scope.addHandle(Object.freeze({ chosen, case: caseOf }) as BranchRef<string>, { kind: 'task', id })
  }
  return branch as DeclareBranch
}

/** Names of the cases that a choice declares; `otherwise` may add one. */
export function namesOf(choice: Choice): readonly string[] {
  return choice.kind === 'value' ? choice.cases : choice.cases.map(({ name }) => name)
}

function chosenSchema(names: readonly string[]): z.ZodType {
  return z.array(z.enum(names.length === 0 ? ['none'] : names)).max(Math.max(1, names.length))
}

const nameForm = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/

function readChoice(given: unknown, place: InputPlace): { cases: Choice; otherwise: string | null } {
  const refuse = (message: string, hint: string) =>
    place.problems.add('DAG117', `${place.what} ${message}`, hint)
  const form = "write { on: value, cases: ['a', 'b'] } or { cases: { a: condition } }"
  const choice = isPlainObject(given) ? given : {}
  checkKeys(choice, ['on', 'cases', 'otherwise'], place.what, place.problems, place.at)
  const cases = 'on' in choice ? readValues(choice, place) : readConditions(choice['cases'], place)
  const names = namesOf(cases)
  if (names.length === 0) refuse('has no cases', form)
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) refuse(`has case ${name} twice`, 'name each case once')
  }
  const { otherwise } = choice
  for (const name of otherwise === undefined ? names : [...names, otherwise]) {
    if (typeof name === 'string' && nameForm.test(name) && name.length <= 50) continue
    // Values of an enum may be spelled as they are; names of one's own are ids like others.
    if (cases.kind === 'value' && typeof name === 'string' && name !== '' && name.length <= 100) continue
    refuse(`has a case named ${describe(name)}`, 'names of cases are lower snake case, at most 50 characters')
  }
  return { cases, otherwise: typeof otherwise === 'string' ? otherwise : null }
}

function readValues(choice: Readonly<Record<string, unknown>>, place: InputPlace): Choice {
  const names: readonly unknown[] = Array.isArray(choice['cases']) ? choice['cases'] : []
  const on = readValue(choice['on'], { ...place, inWorkflow: true }, ['on'])
  if (on.kind !== 'ref') {
    place.problems.add(
      'DAG117',
      `${place.what} is on ${describe(choice['on'])}, which is known already`,
      'give a reference, such as params.mode or an output of a task',
    )
  }
  const several = listKind(refOf(choice['on'])?.schema ?? {}) !== 'other'
  return { kind: 'value', on, several, cases: names.filter((name) => typeof name === 'string') }
}

function readConditions(cases: unknown, place: InputPlace): Choice {
  return {
    kind: 'conditions',
    cases: Object.entries(isPlainObject(cases) ? cases : {}).map(([name, condition]) => ({
      name,
      condition: readCondition(condition, place, `case ${name}`),
    })),
  }
}
