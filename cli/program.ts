import { Command as Commander, Option as CommanderOption } from 'commander'
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
    // Commander has printed its help or its message already.
    if (isCommanderError(error)) return error.exitCode === 0 ? exit.success : exit.userError
    if (signal.aborted) return exit.interrupted
    const { describeFailure } = await import('./failure.ts')
    const { text, exitCode } = await describeFailure(error, output.live && !process.env['NO_COLOR'])
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
    .showHelpAfterError('  fix: see `dag --help`')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
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
    .showHelpAfterError(`  fix: see \`dag ${name} --help\``)
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
    .showHelpAfterError(`  fix: see \`dag ${command.name} --help\``)
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

function isCommanderError(error: unknown): error is Error & { exitCode: number } {
  return (
    error instanceof Error &&
    'exitCode' in error &&
    'code' in error &&
    String(error.code).startsWith('commander.')
  )
}
