import { StringDecoder } from 'node:string_decoder'

/** An entry of Cloud Logging has at most 256 KB; longer lines are cut into pieces. */
const LONGEST_LINE = 256 * 1024

/** Cuts a byte stream into lines, however the chunks fall. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#give(line.endsWith('\r') ? line.slice(0, -1) : line)
    while (this.#rest.length > LONGEST_LINE) {
      this.#give(this.#rest.slice(0, LONGEST_LINE))
      this.#rest = this.#rest.slice(LONGEST_LINE)
    }
  }

  end(): void {
    const last = this.#rest + this.#decoder.end()
    this.#rest = ''
    this.#give(last)
  }

  #give(line: string): void {
    if (line !== '') this.#onLine(line)
  }
}
