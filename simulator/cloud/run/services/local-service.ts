/** What stands for a Cloud Run service on this machine. */
export type LocalService = LocalServiceTarget & {
  /** Everybody may call it, as with unauthenticated invocations allowed. @default false */
  readonly public?: boolean
  /** Audiences that tokens may name besides the service's own address. */
  readonly audiences?: readonly string[]
}

type LocalServiceTarget =
  /** A server that runs already, e.g. `http://127.0.0.1:3000`. */
  | { readonly kind: 'url'; readonly url: string }
  /** Started with `PORT` at the first request; stopped with the emulator. */
  | {
      readonly kind: 'command'
      readonly command: readonly [string, ...string[]]
      readonly cwd?: string
      readonly env?: Readonly<Record<string, string>>
    }

/** By address, e.g. `https://hello-123456.us-central1.run.app`. */
export type LocalServices = Readonly<Record<string, LocalService>>
