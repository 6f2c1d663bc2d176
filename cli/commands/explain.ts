import { exit, type Command } from '../command.ts'

export const explainCommand: Command = {
  name: 'explain',
  summary: 'explain an error code, or list them',
  arguments: [{ name: '[code]', description: 'e.g. DAG301 (default: the list of all)' }],
  examples: ['dag explain', 'dag explain DAG301'],
  async run({ arguments: [code], output }) {
    const { codes, explainCode, pageOf } = await import('../../dsl/errors/index.ts')
    if (code === undefined) {
      for (const [known, { title }] of Object.entries(codes)) output.out(`${known}  ${title}`)
      return exit.success
    }
    const entry = explainCode(code)
    if (entry === null) {
      const { UserError } = await import('../../deploy/user-error.ts')
      throw new UserError('DAG605', `there is no code ${code}`, { hint: '`dag explain` lists all codes' })
    }
    output.out(pageOf(entry.code).trimEnd())
    return exit.success
  },
}
