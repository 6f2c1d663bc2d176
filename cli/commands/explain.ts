import { exit, type Command } from '../command.ts'

export const explainCommand: Command = {
  name: 'explain',
  summary: 'explain an error code',
  arguments: [{ name: '<code>', description: 'e.g. DAG301' }],
  async run({ arguments: [code = ''], output }) {
    const { codes, explainCode, pageOf } = await import('../../dsl/errors/index.ts')
    const entry = explainCode(code)
    if (entry === null) {
      const { UserError } = await import('../../deploy/user-error.ts')
      throw new UserError(`there is no code ${code}`, { hint: `codes are: ${Object.keys(codes).join(', ')}` })
    }
    output.out(pageOf(entry.code).trimEnd())
    return exit.success
  },
}
