/**
 * Connectors block, so they are called by `call` steps; Google's own samples call this one within expressions,
 * with positional arguments.
 * https://cloud.google.com/workflows/docs/reference/googleapis/secretmanager/v1/projects.secrets.versions/accessString
 */
export const EXPRESSION_CONNECTORS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'googleapis.secretmanager.v1.projects.secrets.versions.accessString',
    ['secret_id', 'version', 'project_id'],
  ],
])
