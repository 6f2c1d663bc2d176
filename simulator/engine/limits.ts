/** Limits that hold while a workflow runs. https://cloud.google.com/workflows/quotas */
export const LIMITS = {
  /** Steps executed per execution, retries, iterations and polls included. */
  steps: 100_000,
  /** Depth of the call stack. */
  callDepth: 20,
  /** Parallel steps inside one another. */
  parallelDepth: 2,
  /** Branches and iterations that run at once in an execution; the rest wait in a queue. */
  concurrentBranches: 20,
  /** Errors that branches left unhandled, in all parallel steps of an execution. */
  unhandledBranchErrors: 100,
  /** Bytes of all live variables. */
  memory: 512 * 1024,
  /** Bytes of one string. */
  string: 256 * 1024,
  /** Seconds of `sys.sleep`: one year. */
  sleep: 31_536_000,
  /** Seconds of an execution: one year. */
  duration: 31_536_000,
} as const
