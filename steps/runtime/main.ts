import type { EnvironmentVariables } from './environment.ts'
import { notifyStep } from './notify/notify.ts'
import { runStep } from './run-step.ts'
import type { Step } from './step.ts'

/** Loads the code of a step when it is asked for, so that one image with many steps starts fast. */
export type StepLoader = () => Promise<Step>

/** Steps that every image has, for what a DAG does besides its tasks. */
const builtIn = (env: EnvironmentVariables): Readonly<Record<string, StepLoader>> => ({
  'dagwright/notify': async () => notifyStep(env),
})

/**
 * The entry of an image: `main <step name>`. Runs that step and returns the exit code; 64 (EX_USAGE) for a name that
 * the image does not have.
 */
export async function runMain(
  steps: Readonly<Record<string, StepLoader>>,
  args: readonly string[],
  env: EnvironmentVariables,
): Promise<number> {
  const [name] = args
  const known = { ...builtIn(env), ...steps }
  const load = name !== undefined && Object.hasOwn(known, name) ? known[name] : undefined
  if (!load) {
    const names = Object.keys(steps).toSorted()
    const what = name === undefined ? 'no step named' : `no step "${name}"`
    process.stderr.write(`${what}; this image has:\n${names.map((each) => `  ${each}\n`).join('')}`)
    return 64
  }
  const stop = new AbortController()
  const onSignal = () => stop.abort(new Error('SIGTERM'))
  process.once('SIGTERM', onSignal)
  try {
    return await runStep(await load(), env, { signal: stop.signal })
  } finally {
    process.removeListener('SIGTERM', onSignal)
  }
}
