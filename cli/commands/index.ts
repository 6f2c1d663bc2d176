import type { Command } from '../command.ts'
import { approveCommand } from './approve.ts'
import { compileCommand } from './compile.ts'
import { deployCommand } from './deploy.ts'
import { emulatorCommand } from './emulator.ts'
import { explainCommand } from './explain.ts'
import { graphCommand } from './graph.ts'
import { lineageCommand } from './lineage.ts'
import { probeCommand } from './probe.ts'
import { queryCommand } from './query.ts'
import { rerunCommand } from './rerun.ts'
import { runsCancelCommand } from './runs-cancel.ts'
import { runsListCommand } from './runs-list.ts'
import { runsLogsCommand } from './runs-logs.ts'
import { runsShowCommand } from './runs-show.ts'
import { simulateCommand } from './simulate.ts'
import { taskRunCommand } from './task-run.ts'
import { triggerCommand } from './trigger.ts'
import { workflowCheckCommand } from './workflow-check.ts'
import { workflowRunCommand } from './workflow-run.ts'

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  compileCommand,
  simulateCommand,
  taskRunCommand,
  deployCommand,
  triggerCommand,
  rerunCommand,
  approveCommand,
  runsListCommand,
  runsShowCommand,
  runsLogsCommand,
  runsCancelCommand,
  graphCommand,
  lineageCommand,
  queryCommand,
  emulatorCommand,
  workflowRunCommand,
  workflowCheckCommand,
  probeCommand,
  explainCommand,
]
