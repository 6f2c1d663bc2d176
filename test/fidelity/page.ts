import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { READINGS, type Readings } from '../../simulator/engine/readings.ts'
import { DECISIONS, DEFAULT_CASES } from './decisions.ts'

interface Row {
  readonly name?: string
  readonly expr?: string
  readonly result?: unknown
  readonly error?: unknown
  readonly readings?: Readonly<Record<string, string>>
}

/** A case as docs/fidelity.md names it. */
export interface NamedCase {
  readonly label: string
  /** Result or error as JSON text. */
  readonly expected: string
  readonly readings: Readonly<Record<string, string>>
}

const cases = new URL('../cases/', import.meta.url)

/** All cases of the language, the engine and the connectors. */
export function namedCases(): readonly NamedCase[] {
  return ['language', 'engine', 'connectors'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, cases))
      .filter((file) => file.endsWith('.yaml'))
      .flatMap((file) => {
        const rows = parse(readFileSync(new URL(`${folder}/${file}`, cases), 'utf8')) as readonly Row[]
        return rows.map(({ name, expr, result, error, readings = {} }) => ({
          label: `${folder}/${file.replace('.yaml', '')}: ${name ?? expr ?? ''}`,
          expected: JSON.stringify([result, error]),
          readings,
        }))
      }),
  )
}

/** The cases that show one choice of a reading. */
export function casesOf(name: keyof Readings, choice: string, all: readonly NamedCase[]): readonly string[] {
  if (choice === READINGS[name].readings[0]) return [DEFAULT_CASES[name]]
  return all.filter(({ readings }) => readings[name] === choice).map(({ label }) => label)
}

/** The text of docs/fidelity.md. */
export function fidelityPage(all: readonly NamedCase[]): string {
  const readings = (Object.keys(READINGS) as (keyof Readings)[]).flatMap((name) => {
    const { question, readings: choices, why } = READINGS[name]
    return choices.map((choice, index) => {
      const proof = casesOf(name, choice, all)[0] ?? ''
      const head =
        index === 0 ? [`\`${name}\``, question, `**\`${choice}\`**`, why] : ['', '', `\`${choice}\``, '']
      return row([...head, code(proof)])
    })
  })
  const decisions = DECISIONS.map(({ question, decided, why, case: proof }) =>
    row([question, decided, why, code(proof)]),
  )
  return `# Fidelity

The simulator does what Google's documentation of Workflows says. Where that is silent or ambiguous, it decides; this
page lists the decisions, and for each the case under \`test/cases\` that shows it. The page is generated:
\`UPDATE_FIDELITY=1 npx vitest run test/fidelity\` writes it anew.

## Readings

Each can be chosen with \`--reading NAME=VALUE\` of \`dag workflow run\` and \`dag emulator\`. The first, in bold, is the
default.

| name | question | reading | why | case |
| --- | --- | --- | --- | --- |
${readings.join('\n')}

## Decided in one way

| question | decided | why | case |
| --- | --- | --- | --- |
${decisions.join('\n')}
`
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}
