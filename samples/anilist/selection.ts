import { GraphQLError, Kind, OperationTypeNode, parse, valueFromASTUntyped } from 'graphql'
import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql'
import { scoreFormats, scoreIn } from './wire.ts'
import type { ScoreFormat } from './wire.ts'

const fields = ['User', 'MediaListCollection', 'Page'] as const

/** A question put to the API: one field of `Query`, its arguments, and what is wanted of it. */
export interface Question {
  readonly field: (typeof fields)[number]
  readonly args: Readonly<Record<string, unknown>>
  /** Arguments of a field right below it; none where it is not selected. */
  argsBelow(name: string): Readonly<Record<string, unknown>>
  /** Cuts an answer down to the selected fields, under their aliases. */
  select(value: object | null): Record<string, unknown>
  /** Number of selected fields. */
  readonly complexity: number
}

/** Throws a GraphQLError with the API's wording where it does not understand. */
export function readQuestion(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  /** Of `score` without an argument. */
  userFormat: ScoreFormat,
): Question {
  const document = parse(query)
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (operation?.operation !== OperationTypeNode.QUERY) {
    throw new GraphQLError('Only queries are supported.')
  }
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  )
  const given: Record<string, unknown> = { ...Object.fromEntries(defaults), ...variables }
  const selection = createSelection(document, given, userFormat)
  const [field, ...others] = selection.fieldsOf(operation.selectionSet)
  if (!field || others.length > 0) throw new GraphQLError('This sample answers one field at a time.')
  const name = fields.find((known) => known === field.name.value)
  if (name === undefined) throw unknownField(field, 'Query')
  return {
    field: name,
    args: selection.argumentsOf(field),
    argsBelow(wanted) {
      const below = field.selectionSet ? selection.fieldsOf(field.selectionSet) : []
      const found = below.find((child) => child.name.value === wanted)
      return found ? selection.argumentsOf(found) : {}
    },
    select(value) {
      const selected = value && field.selectionSet ? selection.select(value, field.selectionSet, name) : null
      return { [field.alias?.value ?? name]: selected }
    },
    complexity: selection.count(operation.selectionSet),
  }
}

/** Names of types in messages, by the field that leads to them. */
const typeOf: Readonly<Record<string, string>> = {
  lists: 'MediaListGroup',
  entries: 'MediaList',
  media: 'Media',
  pageInfo: 'PageInfo',
  user: 'User',
  title: 'MediaTitle',
  tags: 'MediaTag',
  startedAt: 'FuzzyDate',
  completedAt: 'FuzzyDate',
  startDate: 'FuzzyDate',
  endDate: 'FuzzyDate',
}

function unknownField(field: FieldNode, type: string): GraphQLError {
  return new GraphQLError(`Cannot query field "${field.name.value}" on type "${type}".`, { nodes: field })
}

function createSelection(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
  userFormat: ScoreFormat,
) {
  const fragments = new Map(
    document.definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  )

  const flat = new Map<SelectionSetNode, readonly FieldNode[]>()

  /** The same few sets are asked for each of many entries. */
  function fieldsOf(set: SelectionSetNode): readonly FieldNode[] {
    const known = flat.get(set) ?? flatten(set)
    flat.set(set, known)
    return known
  }

  function flatten({ selections }: SelectionSetNode): readonly FieldNode[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection]
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet)
      const fragment = fragments.get(selection.name.value)
      if (!fragment)
        throw new GraphQLError(`Unknown fragment "${selection.name.value}".`, { nodes: selection })
      return fieldsOf(fragment.selectionSet)
    })
  }

  function argumentsOf(field: FieldNode): Record<string, unknown> {
    const pairs = (field.arguments ?? []).map(({ name, value }) => [
      name.value,
      valueFromASTUntyped(value, variables),
    ])
    return Object.fromEntries(pairs) as Record<string, unknown>
  }

  function select(value: object, set: SelectionSetNode, type: string): Record<string, unknown> {
    const pairs = fieldsOf(set).map((field) => {
      const name = field.name.value
      if (!Object.hasOwn(value, name)) throw unknownField(field, type)
      const child = (value as Record<string, unknown>)[name]
      return [field.alias?.value ?? name, selectValue(child, field)]
    })
    return Object.fromEntries(pairs) as Record<string, unknown>
  }

  function selectValue(child: unknown, field: FieldNode): unknown {
    const name = field.name.value
    if (name === 'score') return scoreIn(scoreFormatOf(field), Number(child))
    if (name === 'customLists' && argumentsOf(field).asArray === true) return asArray(child)
    const set = field.selectionSet
    if (!set || child === null) return child
    const type = typeOf[name] ?? name
    const one = (item: object) => select(item, set, type)
    return Array.isArray(child) ? child.map(one) : one(child as object)
  }

  function scoreFormatOf(field: FieldNode): ScoreFormat {
    const wanted = argumentsOf(field).format
    return scoreFormats.find((format) => format === wanted) ?? userFormat
  }

  function count(set: SelectionSetNode): number {
    return fieldsOf(set).reduce(
      (sum, field) => sum + 1 + (field.selectionSet ? count(field.selectionSet) : 0),
      0,
    )
  }

  return { fieldsOf, argumentsOf, select, count }
}

function asArray(map: unknown): { name: string; enabled: boolean }[] {
  return Object.entries(map as Record<string, boolean>).map(([name, enabled]) => ({ name, enabled }))
}
