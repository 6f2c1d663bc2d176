import { json, routes } from '../routes.ts'
import { projectNumber } from '../storage/resources.ts'
import { userEmail } from './job.ts'

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/projects */
export function projectRoutes({ project }: { readonly project: string }) {
  return routes([
    {
      method: 'GET',
      path: '/projects',
      handle: () =>
        json(200, {
          kind: 'bigquery#projectList',
          projects: [
            {
              kind: 'bigquery#project',
              id: project,
              numericId: projectNumber(project),
              projectReference: { projectId: project },
              friendlyName: project,
            },
          ],
          totalItems: 1,
        }),
    },
    {
      method: 'GET',
      path: '/projects/{project}/serviceAccount',
      handle: () => json(200, { kind: 'bigquery#getServiceAccountResponse', email: userEmail(project) }),
    },
  ])
}
