import type { Clients } from './clients.ts'
import { googleFailure, isNotFound } from './google-error.ts'
import { workflowName } from './resources/workflow.ts'
import { UserError } from './user-error.ts'

/**
 * Deploys a source as it stands, without anything around it.
 *
 * @throws UserError with the service's message where the source is not valid
 */
export async function deployWorkflowSource(
  clients: Clients,
  id: string,
  source: string,
  place: string,
): Promise<void> {
  const { environment } = clients
  const name = workflowName(environment, id)
  const workflows = await clients.workflows()
  const workflow = {
    sourceContents: source,
    callLogLevel: 'LOG_ERRORS_ONLY',
    executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
  } as const
  try {
    if (await exists()) {
      const paths = ['source_contents', 'call_log_level', 'execution_history_level']
      const [operation] = await workflows.updateWorkflow({
        workflow: { ...workflow, name },
        updateMask: { paths },
      })
      await operation.promise()
    } else {
      const parent = `projects/${environment.project}/locations/${environment.region}`
      const [operation] = await workflows.createWorkflow({ parent, workflowId: id, workflow })
      await operation.promise()
    }
  } catch (error) {
    throw new UserError(googleFailure(error).message, { place, cause: error })
  }

  async function exists(): Promise<boolean> {
    try {
      await workflows.getWorkflow({ name })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  }
}
