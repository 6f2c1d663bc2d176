import { codes, type CodeEntry, type ErrorCode } from './codes.ts'

/** The entry of a code in any letter case (`dag301`), or null where there is no such code. */
export function explainCode(code: string): (CodeEntry & { readonly code: ErrorCode }) | null {
  const known = code.toUpperCase()
  return isCode(known) ? { code: known, ...codes[known] } : null
}

/** Text of `docs/errors/<CODE>.md`. */
export function pageOf(code: ErrorCode): string {
  const entry: CodeEntry = codes[code]
  return [
    `# ${code}: ${entry.title}`,
    '',
    entry.explanation,
    '',
    '## Wrong',
    '',
    `\`\`\`${entry.language ?? 'ts'}`,
    entry.wrong,
    '```',
    '',
    '## Right',
    '',
    `\`\`\`${entry.language ?? 'ts'}`,
    entry.fixed,
    '```',
    '',
  ].join('\n')
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(codes, code)
}
