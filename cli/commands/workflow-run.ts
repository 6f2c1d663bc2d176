import { type Command } from '../command.ts'
import { dateOption, jsonOption, paramOption, readingOption, stateOption } from './shared-options.ts'

export const workflowRunCommand: Command = {
  name: 'workflow run',
  summary: 'run any Workflows source in the local cloud',
  arguments: [{ name: '<file>', description: 'YAML or JSON; a manifest.json beside it is deployed first' }],
  options: [
    { flags: '--data <json>', description: "the workflow's argument" },
    dateOption,
    paramOption,
    readingOption,
    stateOption,
    jsonOption,
  ],
  examples: [
    'dag workflow run generated/anilist/workflow.yaml',
    `dag workflow run hello.yaml --data '{"name":"Ana"}'`,
  ],
  async run(input) {
    const { runWorkflowFile } = await import('../workflow-file.ts')
    return runWorkflowFile(input)
  },
}
