import { type Command } from '../command.ts'
import { dateOption, paramOption, readingOption, stateOption } from './shared-options.ts'

export const workflowRunCommand: Command = {
  name: 'workflow run',
  summary: 'run any Workflows source in the local cloud',
  arguments: [
    {
      name: '<file>',
      description: 'YAML or JSON, - for the standard input; a manifest.json beside it is deployed first',
    },
  ],
  options: [
    {
      flags: '--data <json>',
      description: "the workflow's argument: JSON, @file, or - for the standard input",
    },
    {
      flags: '--clock <real|virtual>',
      description: 'virtual: sleeps, retries and polls take no time (default: virtual)',
    },
    { flags: '--seed <n>', description: 'order in which parallel branches take turns (default: 1)' },
    dateOption,
    paramOption,
    readingOption,
    stateOption,
    { flags: '--json', description: 'print the execution as the API gives it' },
  ],
  examples: [
    'dag workflow run generated/anilist/workflow.yaml',
    `dag workflow run hello.yaml --data '{"name":"Ana"}'`,
    'dag workflow run hello.yaml --data @argument.json --clock real --json',
  ],
  async run(input) {
    const { runWorkflowFile } = await import('../workflow-file.ts')
    return runWorkflowFile(input)
  },
}
