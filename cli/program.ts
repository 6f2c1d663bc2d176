import { Command as Commander, CommanderError, Option as CommanderOption } from 'commander'
import { exit, Interruption, type Command, type CommandInput, type Options, type Output } from './command.ts'
import { commands } from './commands/index.ts'

/** Parses the arguments and runs the command. Resolves with the exit code. */
export async function run(argv: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  let code: number = exit.success
  const program = buildProgram(output, async (command, input) => {
    code = await command.run({ ...input, output, signal })
    if (signal.aborted && !(command.untilStopped === true && isStop(signal.reason))) code = exit.interrupted
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    // Commander has printed its help already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.success : exit.userError
    if (signal.aborted) return exit.interrupted
    const { describeFailure } = await import('./failure.ts')
    const told = error instanceof Misunderstood ? await misunderstood(error) : error
    const { text, exitCode } = await describeFailure(told, output.live && !process.env['NO_COLOR'])
    output.note(text)
    return exitCode
  }
  return code
}

function isStop(reason: unknown): boolean {
  return reason instanceof Interruption && reason.signal === 'SIGTERM'
}

type Runner = (command: Command, input: Pick<CommandInput, 'arguments' | 'options'>) => Promise<void>

function buildProgram(output: Output, runner: Runner): Commander {
  const program = new Commander('dag')
    .description(
      'Airflow-style DAGs in TypeScript, compiled to Google Cloud Workflows, run locally from the same YAML',
    )
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride(refuse('dag'))
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
      // Told like every other mistake, with its code.
      outputError: () => {},
    })
    .addHelpText('after', '\nSee `dag <command> --help` for its options and examples.')
  const groups = new Map<string, Commander>()
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ')
    const parent = second === undefined ? program : groupOf(program, groups, first)
    addCommand(parent, second ?? first, command, runner)
  }
  return program
}

function groupOf(program: Commander, groups: Map<string, Commander>, name: string): Commander {
  const known = groups.get(name)
  if (known !== undefined) return known
  const members = commands.filter((command) => command.name.startsWith(`${name} `))
  const verbs = members.map((command) => command.name.slice(name.length + 1)).join(', ')
  const group = program
    .command(name)
    .description(`${groupSummaries[name] ?? name}: ${verbs}`)
    .helpCommand(false)
    .exitOverride(refuse(`dag ${name}`))
  groups.set(name, group)
  return group
}

const groupSummaries: Readonly<Record<string, string>> = {
  runs: 'look at runs, or stop one',
  task: 'single tasks',
  workflow: 'any Workflows source',
}

function addCommand(parent: Commander, name: string, command: Command, runner: Runner): void {
  const added = parent
    .command(name)
    .description(command.summary)
    .helpOption('-h, --help', 'show help')
    .exitOverride(refuse(`dag ${command.name}`))
  for (const argument of command.arguments ?? []) added.argument(argument.name, argument.description)
  for (const option of command.options ?? []) {
    const built = new CommanderOption(option.flags, option.description)
    if (option.repeatable)
      built.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value])
    added.addOption(built)
  }
  if (command.examples !== undefined) {
    added.addHelpText('after', `\nExamples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`)
  }
  added.action(async () => {
    await runner(command, { arguments: flatArguments(added.processedArgs), options: optionsOf(added.opts()) })
  })
}

/** Commander gives a variadic argument as a list and a missing one as undefined. */
function flatArguments(values: readonly unknown[]): string[] {
  return values.flat().filter((value): value is string => typeof value === 'string')
}

function optionsOf(values: Readonly<Record<string, unknown>>): Options {
  return {
    text: (name) => {
      const value = values[name]
      return typeof value === 'string' ? value : undefined
    },
    flag: (name) => values[name] === true,
    list: (name) => {
      const value = values[name]
      return Array.isArray(value) ? value.map(String) : []
    },
  }
}

/** A command line that does not follow the command's own form. */
class Misunderstood extends Error {
  override readonly name = 'Misunderstood'
  /** The command as far as it is known, e.g. `dag runs`. */
  readonly command: string

  constructor(command: string, message: string) {
    super(message)
    this.command = command
  }
}

function refuse(command: string): (error: CommanderError) => never {
  return (error) => {
    if (error.exitCode === 0 || error.code === 'commander.help') throw error
    throw new Misunderstood(command, error.message)
  }
}

/** `error: unknown option '--dat'`, and on a line of its own `(Did you mean --date?)`. */
async function misunderstood({ command, message }: Misunderstood): Promise<Error> {
  const { UserError } = await import('../deploy/user-error.ts')
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n')
  const meant = suggestion === undefined ? '' : `${suggestion.replace(/^\(Did(.*)\)$/, 'did$1')} `
  return new UserError('DAG611', what, { hint: `${meant}see \`${command} --help\`` })
}
