import { reservedWords } from './parser/words.ts'

/** A column's name as SQL writes it: in backticks where it is a word of the language. */
export function quotedName(name: string): string {
  return reservedWords.has(name.toUpperCase()) ? `\`${name}\`` : name
}
