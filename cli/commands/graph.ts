import { exit, type Command, type CommandInput } from '../command.ts'
import { projectFolder } from '../project.ts'

export const graphCommand: Command = {
  name: 'graph',
  summary: 'show the graph of a DAG',
  arguments: [{ name: '<dag>', description: 'id of the DAG' }],
  options: [
    {
      flags: '--format <terminal|mermaid>',
      description: 'a listing by level, or a Mermaid flowchart (default: terminal)',
    },
  ],
  examples: ['dag graph anilist', 'dag graph anilist --format mermaid > anilist.mmd'],
  run: graph,
}

async function graph(input: CommandInput): Promise<number> {
  const [{ oneOf }, { freshDag }, { levelsText, mermaidText }] = await Promise.all([
    import('../option-values.ts'),
    import('../fresh-dags.ts'),
    import('../graph-text.ts'),
  ])
  const format = oneOf(input.options, 'format', ['terminal', 'mermaid']) ?? 'terminal'
  const { manifest } = await freshDag(projectFolder(), input.arguments[0] ?? '')
  input.output.out(format === 'mermaid' ? mermaidText(manifest) : levelsText(manifest))
  return exit.success
}
