import type { LogEntry } from '../../engine/host.ts'
import { writeJson } from '../../engine/json.ts'
import { severityOf, type LogRecord } from '../logs.ts'
import type { ExecutionResource } from './resource.ts'

/** A `sys.log` entry, and the file under `logs/` that it belongs to. */
export function workflowLogRecord(
  entry: LogEntry,
  execution: ExecutionResource,
  timestamp: string,
): { readonly file: string; readonly record: Omit<LogRecord, 'insertId'> } {
  const [, project = '', , location = '', , workflow = '', , id = ''] = execution.name.split('/')
  return {
    file: `workflows/${workflow}/${id}.jsonl`,
    record: {
      logName: `projects/${project}/logs/Workflows`,
      resource: {
        type: 'workflows.googleapis.com/Workflow',
        labels: { workflow_id: workflow, location, project_id: project },
      },
      timestamp,
      severity: severityOf(entry.severity),
      labels: {
        'workflows.googleapis.com/execution_id': id,
        'workflows.googleapis.com/revision_id': execution.workflowRevisionId,
      },
      ...('text' in entry.payload
        ? { textPayload: entry.payload.text }
        : { jsonPayload: JSON.parse(writeJson(entry.payload.json)) as unknown }),
    },
  }
}
