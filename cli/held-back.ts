import type { EmulatorOptions } from '../simulator/emulator.ts'
import { isLoopback } from '../simulator/connectors/index.ts'
import { hookAnswer, hookLine, hookService } from '../testing/services/hooks.ts'

export interface HeldBackOptions {
  /** Gets whom hooks would tell. */
  readonly note: (text: string) => void
  /** What steps get as their environment: addresses of hooks are among it. */
  readonly variables: Readonly<Record<string, string>>
  /** Whether hooks that publish are noted as well, though their topics are local. */
  readonly topics: boolean
}

/**
 * What keeps a run of a DAG on this machine: requests of its workflow to other machines are refused, and hooks that
 * would tell somebody are noted. Steps are programs of their own and ask whom they like; workflows that are no DAGs do
 * too, since nobody else can say what they mean.
 */
export function heldBack(options: HeldBackOptions): Pick<EmulatorOptions, 'apis' | 'outward'> {
  const { variables, topics } = options
  const note = (told: Parameters<typeof hookLine>[0]) => options.note(hookLine(told))
  const isOutside = (name: string) => {
    const address = variables[name] ?? ''
    return !URL.canParse(address) || !isLoopback(new URL(address))
  }
  return {
    apis: [hookService(note, { topics, variable: isOutside })],
    outward: (request, { from, environment }) => {
      // Deploy sets it for the workflow of a DAG; docs/architecture.md, "Environment of a workflow".
      if (environment('DAG_BUCKET') === null) return null
      const response = hookAnswer(request, from, note)
      if (response !== null) return { kind: 'answer', response }
      return { kind: 'refusal', code: 'DAG706', message: refusal(request) }
    },
  }
}

function refusal({ method, url }: { readonly method: string; readonly url: URL }): string {
  return (
    `${method} ${url.origin}${url.pathname} would leave this machine, which a local run does only with --live; ` +
    'to stay here, mock the task with --mock FILE, or name what answers under services in dag.config.ts'
  )
}
