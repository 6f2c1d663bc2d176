import { exit, type Command } from '../command.ts'
import { jsonOption, readingOption } from './shared-options.ts'

export const workflowCheckCommand: Command = {
  name: 'workflow check',
  summary: 'check Workflows sources as a deployment does, all problems of all files',
  arguments: [{ name: '<files...>', description: 'YAML or JSON; - reads the standard input' }],
  options: [readingOption, jsonOption],
  examples: ['dag workflow check generated/*/workflow.yaml', 'dag workflow check --json hello.yaml'],
  async run({ arguments: files, options, output }) {
    const [{ checkSource, problemText }, { readText }, { chosenReadings }] = await Promise.all([
      import('../check-source.ts'),
      import('../read-text.ts'),
      import('../reading-option.ts'),
    ])
    const { readings } = await chosenReadings(options)
    const checked = []
    for (const file of files) {
      try {
        checked.push({ file, problems: checkSource(await readText(file), readings) })
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'UserError') throw error
        checked.push({ file, problems: [{ code: 'unreadable', message: error.message }] })
      }
    }
    const count = checked.reduce((sum, { problems }) => sum + problems.length, 0)
    if (options.flag('json')) {
      output.out(JSON.stringify({ files: checked }, null, 2))
    } else {
      for (const { file, problems } of checked) {
        for (const problem of problems) output.out(problemText(file, problem))
      }
    }
    const summary = `${counted(files.length, 'file')}, ${count === 0 ? 'no problems' : counted(count, 'problem')}`
    if (count > 0) {
      const { UserError } = await import('../../deploy/user-error.ts')
      throw new UserError('DAG610', summary, { hint: 'repair what is listed, or name other files' })
    }
    if (!options.flag('json')) output.note(summary)
    return exit.success
  },
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
