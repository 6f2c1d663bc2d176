import { exit, type Command, type CommandInput } from '../command.ts'
import { projectFolder } from '../project.ts'

export const compileCommand: Command = {
  name: 'compile',
  summary: 'compile DAGs to generated/<dag>/',
  arguments: [{ name: '[dags...]', description: 'ids of DAGs (default: all under dags/)' }],
  options: [
    { flags: '--check', description: 'write nothing; fail where generated/ is not what the DAGs compile to' },
    { flags: '--strict', description: 'fail where there are warnings' },
    {
      flags: '--accept <table>',
      description: 'let a table change in any way, as one without rows can; dataset.table',
      repeatable: true,
    },
    { flags: '--out <dir>', description: 'folder to write to (default: generated)' },
  ],
  examples: ['dag compile', 'dag compile anilist --check --strict'],
  run: compile,
}

async function compile(input: CommandInput): Promise<number> {
  const { compileDags } = await import('../compile-dags.ts')
  return compileDags({
    project: projectFolder(),
    dags: input.arguments,
    check: input.options.flag('check'),
    strict: input.options.flag('strict'),
    accepted: input.options.list('accept'),
    out: input.options.text('out'),
    output: input.output,
  }).then((clean) => (clean ? exit.success : exit.userError))
}
