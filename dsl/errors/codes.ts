import type { CodeEntry } from './code-entry.ts'
import { commandCodes } from './command-codes.ts'
import { declarationCodes } from './declaration-codes.ts'
import { deploymentCodes } from './deployment-codes.ts'
import { graphCodes } from './graph-codes.ts'
import { modelCodes } from './model-codes.ts'
import { projectCodes } from './project-codes.ts'
import { referenceCodes } from './reference-codes.ts'
import { simulationCodes } from './simulation-codes.ts'

export type { CodeEntry }

/** Every mistake that dagwright knows, by code. Codes are never reused for another meaning. */
export const codes = {
  ...declarationCodes,
  ...referenceCodes,
  ...graphCodes,
  ...modelCodes,
  ...projectCodes,
  ...commandCodes,
  ...simulationCodes,
  ...deploymentCodes,
} as const satisfies Readonly<Record<string, CodeEntry>>

export type ErrorCode = keyof typeof codes
