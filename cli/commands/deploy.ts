import { exit, type Command, type CommandInput } from '../command.ts'
import { generatedDags, projectFolder } from '../project.ts'
import { envOption, stateOption } from './shared-options.ts'

export const deployCommand: Command = {
  name: 'deploy',
  summary: 'deploy compiled DAGs: bucket, tables, procedures, jobs, workflow',
  arguments: [{ name: '[dags...]', description: 'ids of DAGs (default: all under generated/)' }],
  options: [envOption, { flags: '--plan', description: 'show what would change and stop' }, stateOption],
  examples: ['dag deploy --env prod --plan', 'dag deploy anilist --env local'],
  run: deployDags,
}

async function deployDags(input: CommandInput): Promise<number> {
  const project = projectFolder()
  const dags = input.arguments.length > 0 ? input.arguments : generatedDags(project)
  if (dags.length === 0) {
    const { UserError } = await import('../../deploy/user-error.ts')
    throw new UserError('DAG803', 'there is nothing to deploy', {
      place: `${project}/generated`,
      hint: 'run `dag compile` first',
    })
  }
  const { generatedDag } = await import('../compiled-dags.ts')
  const compiled = await Promise.all(dags.map((dag) => generatedDag(project, dag)))
  const { printWarningsOf } = await import('../fresh-dags.ts')
  await printWarningsOf(project, dags, input.output)
  const { openConnection } = await import('../connection.ts')
  const connection = await openConnection(input)
  try {
    const { deploy, doneText, planText } = await import('../deployment.ts')
    const { planDeployment } = await import('../../deploy/plan.ts')
    for (const one of compiled) {
      if (input.options.flag('plan')) {
        input.output.out(planText(await planDeployment(one, connection.clients)))
        continue
      }
      const plan = await deploy(one, connection.clients, (action) => {
        input.output.note(
          `  ${action.kind === 'create' ? 'created' : 'changed'} ${action.resource.kind} ${action.resource.name}`,
        )
      })
      input.output.out(doneText(plan))
    }
    return exit.success
  } finally {
    await connection.close()
  }
}
