import { exit, type Command, type CommandInput } from '../command.ts'
import { projectFolder } from '../project.ts'
import { jsonOption } from './shared-options.ts'

export const lineageCommand: Command = {
  name: 'lineage',
  summary: 'show where a table or a column comes from, and where it goes',
  arguments: [
    {
      name: '<model>',
      description: 'dataset.table or dataset.table.column; without the dataset where that is clear',
    },
  ],
  options: [
    { flags: '--up', description: 'only what it comes from, up to the objects in the bucket' },
    { flags: '--down', description: 'only what comes from it, down to the charts of dashboards' },
    { flags: '--depth <n>', description: 'steps from it (default: all)' },
    { flags: '--rows', description: 'of a column: also what only decides which rows there are' },
    { flags: '--dag <dag>', description: 'look at this DAG only (default: all)' },
    { flags: '--mermaid', description: 'print a Mermaid flowchart' },
    jsonOption,
  ],
  examples: [
    'dag lineage anilist_dmt.genre',
    'dag lineage genre.watched --up --rows',
    'dag lineage anilist_raw.list.payload --down --mermaid > payload.mmd',
  ],
  run: lineage,
}

async function lineage(input: CommandInput): Promise<number> {
  const { options, output } = input
  const [{ wholeNumber }, { projectLineage }, { lineageTarget }, graphs, texts] = await Promise.all([
    import('../option-values.ts'),
    import('../project-lineage.ts'),
    import('../lineage-target.ts'),
    import('../lineage-graph.ts'),
    import('../lineage-text.ts'),
  ])
  const depth = wholeNumber(options, 'depth') ?? Number.POSITIVE_INFINITY
  const all = await projectLineage(projectFolder(), options.text('dag'))
  const { table, column } = lineageTarget(all, input.arguments[0] ?? '')
  const rows = options.flag('rows')
  await checkTogether(input, column)
  const graph = column === null ? graphs.tableGraph(all) : graphs.columnGraph(all, { rows })
  const of = column === null ? table : `${table}.${column}`
  const asked = (['up', 'down'] as const).filter((direction) => options.flag(direction))
  const directions = asked.length === 0 ? (['up', 'down'] as const) : asked
  if (options.flag('json'))
    output.out(JSON.stringify({ of, ...graphs.around(graph, of, directions, depth) }, null, 2))
  else if (options.flag('mermaid')) output.out(texts.lineageMermaid(graph, of, directions, depth))
  else output.out(texts.lineageText(graph, of, directions, depth))
  return exit.success
}

async function checkTogether({ options }: CommandInput, column: string | null): Promise<void> {
  const { UserError } = await import('../../deploy/user-error.ts')
  if (options.flag('json') && options.flag('mermaid'))
    throw new UserError('DAG602', 'both --json and --mermaid say how to print it', {
      place: '--json --mermaid',
      hint: 'drop one',
    })
  if (options.flag('rows') && column === null)
    throw new UserError(
      'DAG602',
      'what decides which rows there are is part of the lineage of a table anyway',
      {
        place: '--rows',
        hint: 'drop --rows, or name a column',
      },
    )
}
