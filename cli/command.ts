/**
 * Commands as data. A command's file imports nothing heavy at its top: `dag --help` reads all of them, so what a
 * command needs is imported when it runs.
 */
export interface Command {
  /** `compile`, or with its group: `runs list`. */
  readonly name: string
  readonly summary: string
  readonly arguments?: readonly Argument[]
  readonly options?: readonly Option[]
  /** Lines shown under the options, one example each. */
  readonly examples?: readonly string[]
  /** Runs until it is stopped, so that SIGTERM is the way to end it, not a failure. */
  readonly untilStopped?: boolean
  /** Resolves with the exit code. */
  run(input: CommandInput): Promise<number>
}

interface Argument {
  /** `<dag>` required, `[dag]` optional, `[dags...]` any number. */
  readonly name: string
  readonly description: string
}

export interface Option {
  /** `--date <date>`, `--json`. */
  readonly flags: string
  readonly description: string
  /** May be given several times. */
  readonly repeatable?: boolean
}

export interface CommandInput {
  readonly arguments: readonly string[]
  readonly options: Options
  readonly output: Output
  /** Aborts on Ctrl-C and on SIGTERM, with an `Interruption`. */
  readonly signal: AbortSignal
}

/** Values of the options that were given, by their long name in camel case. */
export interface Options {
  text(name: string): string | undefined
  flag(name: string): boolean
  list(name: string): readonly string[]
}

/** Where a command writes: results to `out`, everything else to `note`. */
export interface Output {
  out(text: string): void
  note(text: string): void
  /** Results that are not text. */
  bytes(data: Uint8Array): void
  /** Whether results go to a terminal. */
  readonly terminal: boolean
  /** Writes to a terminal as it is, cursor movements included; only where `live`. */
  draw(text: string): void
  /** Whether notes go to a terminal, whose lines can be redrawn. */
  readonly live: boolean
  /** Columns of the terminal. */
  readonly width: number
}

/** Why a command has to end before its time. */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  readonly signal: 'SIGINT' | 'SIGTERM'

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super('interrupted')
    this.signal = signal
  }
}

/** Exit codes of every command. */
export const exit = { success: 0, userError: 1, runFailed: 2, interrupted: 130 } as const
