import { z } from 'zod'

/** Where something was declared: a path relative to the project folder, and a 1-based line. */
const location = z.strictObject({ file: z.string(), line: z.number().int().positive() })

/**
 * `generated/<dag>/map.json`: from what the execution history names (routines and steps) back to tasks and
 * to the lines that declared them. Lines are not part of the drift check: a moved line is no drift.
 */
export const sourceMapSchema = z.strictObject({
  version: z.literal(1),
  dag: z.string(),
  at: location,
  tasks: z.array(
    z.strictObject({
      id: z.string(),
      /** The task's subworkflow, e.g. `task_load_raw`. */
      routine: z.string(),
      at: location,
      /** Workflow step of the task's routine -> what it does, in words. */
      steps: z.record(z.string(), z.string()),
    }),
  ),
})

export type SourceMap = z.infer<typeof sourceMapSchema>
