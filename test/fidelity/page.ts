import { NOT_PROBED, PROBES } from '../../probes/probes.ts'
import { READINGS, type Readings } from '../../simulator/engine/readings.ts'
import { apiTables, connectorTables, engineTables, labelOf, languageTables } from '../cases/tables.ts'
import { DECISIONS, DEFAULT_CASES } from './decisions.ts'
import { AREAS } from './features/index.ts'

/** A case as docs/fidelity.md names it. */
export interface NamedCase {
  readonly label: string
  /** Result or error as text. */
  readonly expected: string
  readonly readings: Readonly<Record<string, string>>
}

/**
 * All cases of the language, the engine, the connectors and the APIs. Whatever runs these tables also checks that a
 * case fails for each changed expectation.
 */
export function namedCases(): readonly NamedCase[] {
  const tables = [...languageTables(), ...engineTables(), ...connectorTables(), ...apiTables()]
  return tables.flatMap(({ name, rows }) =>
    rows.map((row) => ({
      label: labelOf(name, row),
      expected: JSON.stringify(row, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
      readings: row.readings ?? {},
    })),
  )
}

/** The cases that show one choice of a reading. */
export function casesOf(name: keyof Readings, choice: string, all: readonly NamedCase[]): readonly string[] {
  if (choice === READINGS[name].readings[0]) return [DEFAULT_CASES[name]]
  return all.filter(({ readings }) => readings[name] === choice).map(({ label }) => label)
}

/** The text of docs/fidelity.md. */
export function fidelityPage(all: readonly NamedCase[]): string {
  return `# Fidelity

The simulator does what Google's documentation of Workflows says. Where that is silent or ambiguous, it decides. This
page lists every documented feature with how the simulator behaves, and every decision; each with the case under
\`test/cases\` that shows it, and that fails when what it expects is changed. The page is generated:
\`UPDATE_FIDELITY=1 npx vitest run test/fidelity\` writes it anew.

\`dag probe --env <name>\` asks the real service: it runs a small workflow for each question that one can settle, and says
where service and emulator differ and which reading the service follows.

## Readings

Each can be chosen with \`--reading NAME=VALUE\` of \`dag workflow run\` and \`dag emulator\`. The first, in bold, is the
default.

| name | question | reading | why | case | probe |
| --- | --- | --- | --- | --- | --- |
${readingRows(all).join('\n')}

## Decided in one way

| question | decided | why | case |
| --- | --- | --- | --- |
${DECISIONS.map(({ question, decided, why, case: proof }) => row([question, decided, why, code(proof)])).join('\n')}

## Features

How the simulator behaves: \`same\` as documented, \`partly\`, or \`not\`. Evidence: the documentation says so; its samples
do; the public JSON schema; independent tools that agree.

${AREAS.map(areaText).join('\n\n')}
`
}

function readingRows(all: readonly NamedCase[]): readonly string[] {
  return (Object.keys(READINGS) as (keyof Readings)[]).flatMap((name) => {
    const { question, readings: choices, why } = READINGS[name]
    return choices.map((choice, index) => {
      const proof = code(casesOf(name, choice, all)[0] ?? '')
      return index === 0
        ? row([`\`${name}\``, question, `**\`${choice}\`**`, why, proof, probeOf(name)])
        : row(['', '', `\`${choice}\``, '', proof, ''])
    })
  })
}

function probeOf(name: keyof Readings): string {
  const probe = PROBES.find(({ reading }) => reading === name)
  return probe === undefined ? `none: ${NOT_PROBED[name] ?? ''}` : code(probe.name)
}

function areaText({ title, features }: (typeof AREAS)[number]): string {
  const rows = features.map(({ feature, page, behaves, note, evidence, case: proof }) =>
    row([
      `[${feature.replaceAll('[', String.raw`\[`).replaceAll(']', String.raw`\]`)}](${page})`,
      behaves,
      note,
      evidence,
      code(proof),
    ]),
  )
  return `### ${title}

| feature | behaves | | evidence | case |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}
