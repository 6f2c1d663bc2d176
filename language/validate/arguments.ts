import { isConnector, libraryFunctions, type LibraryFunction } from '../functions.ts'
import type { CallBody, StepBody, Subworkflow } from '../syntax.ts'
import { refuseStep, type Place } from './place.ts'

type Callee = Subworkflow | LibraryFunction

/** A call names a function that exists and gives the arguments that it takes. */
export function checkCalls(body: StepBody, place: Place): void {
  if (body.kind !== 'call' || isConnector(body.callee)) return
  const callee = place.build.subworkflows.get(body.callee) ?? libraryFunctions.get(body.callee)
  if (callee === undefined) {
    const message = `'${body.callee}' is neither a function nor a sub-workflow name`
    refuseStep(place, 'unknown-function', message)
    return
  }
  for (const message of argumentProblems(body, callee)) refuseStep(place, 'bad-arguments', message)
}

function argumentProblems({ callee: name, args }: CallBody, callee: Callee): string[] {
  if (args?.kind === 'list') {
    // https://cloud.google.com/workflows/docs/reference/stdlib/sys/log shows a list; for subworkflows there is none.
    if (!isLibrary(callee)) return [`sub-workflow '${name}' takes named arguments only`]
    const problem = checkPositional(name, callee, args.items.length)
    return problem === undefined ? [] : [problem]
  }
  const keys = args?.entries.map((entry) => entry.key) ?? []
  const given = new Set(keys)
  const params = new Set(callee.params.map((param) => param.name))
  const unknown = keys.filter((key) => typeof key === 'string').filter((key) => !params.has(key))
  const hasComputed = keys.some((key) => typeof key !== 'string')
  const missing = hasComputed ? [] : requiredNames(callee).filter((param) => !given.has(param))
  return [
    ...unknown.map((key) => `'${name}' has no parameter '${key}'`),
    ...missing.map((param) => `'${name}' needs the argument '${param}'`),
  ]
}

/** What is wrong with a number of positional arguments. */
export function checkPositional(name: string, callee: Callee, count: number): string | undefined {
  const most = callee.params.length
  if (count > most) return `'${name}' takes at most ${most} arguments, got ${count}`
  const given = new Set(callee.params.slice(0, count).map((param) => param.name))
  const missing = requiredNames(callee).find((param) => !given.has(param))
  return missing === undefined ? undefined : `'${name}' needs the argument '${missing}'`
}

function requiredNames(callee: Callee): string[] {
  return isLibrary(callee)
    ? callee.params.filter((param) => param.required).map((param) => param.name)
    : callee.params.filter((param) => param.default === undefined).map((param) => param.name)
}

function isLibrary(callee: Callee): callee is LibraryFunction {
  return 'blocking' in callee
}
