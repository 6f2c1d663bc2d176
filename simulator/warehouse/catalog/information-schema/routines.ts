import { BOOL, INT64, STRING, TIMESTAMP } from '../../types/type.ts'
import { routineDdl, routineOptions } from './ddl.ts'
import type { RoutineMetadata } from '../../warehouse.ts'
import type { Asked, View, ViewCell } from './view.ts'

const strings = (...names: readonly string[]) => names.map((name) => [name, STRING] as const)
const specific = strings('specific_catalog', 'specific_schema', 'specific_name')

function routinesOf({ context, datasets }: Asked): RoutineMetadata[] {
  return datasets.flatMap((dataset) => context.catalog.routines(dataset))
}

/** https://cloud.google.com/bigquery/docs/information-schema-routines */
const routines: View = {
  columns: [
    ...specific,
    ...strings('routine_catalog', 'routine_schema', 'routine_name', 'routine_type', 'data_type'),
    ...strings(
      'routine_body',
      'routine_definition',
      'external_language',
      'is_deterministic',
      'security_type',
    ),
    ['created', TIMESTAMP],
    ['last_altered', TIMESTAMP],
    ['ddl', STRING],
  ],
  rows: (asked) =>
    routinesOf(asked).map((routine) => {
      const name = [asked.context.project, routine.dataset, routine.routine]
      return [
        ...name,
        ...name,
        routine.kind.replace('_', ' '),
        routine.returns ?? null,
        'SQL',
        routine.body,
        null,
        null,
        null,
        BigInt(routine.createdAt),
        BigInt(routine.modifiedAt),
        routineDdl(routine, asked.context.project),
      ]
    }),
}

/** https://cloud.google.com/bigquery/docs/information-schema-parameters: position 0 is a function's result. */
const parameters: View = {
  columns: [
    ...specific,
    ['ordinal_position', INT64],
    ...strings('parameter_mode', 'is_result', 'parameter_name', 'data_type', 'parameter_default'),
    ['is_aggregate', BOOL],
  ],
  rows: (asked) =>
    routinesOf(asked).flatMap((routine) => {
      const name = [asked.context.project, routine.dataset, routine.routine]
      const result: ViewCell[][] =
        routine.returns === undefined ? [] : [[...name, 0, null, 'YES', null, routine.returns, null, null]]
      const given = routine.arguments.map((argument, i): ViewCell[] => [
        ...name,
        i + 1,
        routine.kind === 'PROCEDURE' ? (argument.mode ?? 'IN') : null,
        'NO',
        argument.name,
        argument.type,
        null,
        null,
      ])
      return [...result, ...given]
    }),
}

const optionsView: View = {
  columns: [...specific, ...strings('option_name', 'option_type', 'option_value')],
  rows: (asked) =>
    routinesOf(asked).flatMap((routine) =>
      routineOptions(routine).map((option) => [
        asked.context.project,
        routine.dataset,
        routine.routine,
        ...option,
      ]),
    ),
}

export const routineViews: Readonly<Record<string, View>> = {
  ROUTINES: routines,
  PARAMETERS: parameters,
  ROUTINE_OPTIONS: optionsView,
}
