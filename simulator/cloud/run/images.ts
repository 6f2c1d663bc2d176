/** How a job's image runs on this machine: what stands for the image's entry point. */
export type LocalImage = LocalCommand | LocalProgram

interface LocalCommand {
  readonly command: readonly string[]
  /** @default the emulator's working directory */
  readonly cwd?: string
}

/** A function of this process in the place of a container. */
export interface LocalProgram {
  /** One attempt of one task; resolves with the exit code. The clock stands still but for its sleeps. */
  run(container: StartedContainer): Promise<number>
}

export interface StartedContainer {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Aborts when the container is told to stop. */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch, on the emulator's clock. */
  readonly now: () => number
  /** Lets the emulator's clock go on; rejects when the container is told to stop. */
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly log: (stream: 'stdout' | 'stderr', line: string) => void
}

/** By image reference, with or without tag and digest. */
export type LocalImages = Readonly<Record<string, LocalImage>>

/** Finds what stands for an image: the exact reference first, then without digest, then without tag. */
export function findImage(images: LocalImages, image: string): LocalImage | null {
  const bare = image.replace(/@sha256:[0-9a-f]+$/i, '')
  for (const name of [image, bare, bare.replace(/:[\w.-]+$/, '')]) {
    if (Object.hasOwn(images, name)) return images[name] ?? null
  }
  return null
}

/** What a run of an unmapped image fails with. */
export function unmappedImage(image: string): string {
  return (
    `No local command is mapped to the image "${image}". ` +
    `Add it to dag.config.ts: images: { '${image}': { command: ['node', 'path/to/main.js'] } }`
  )
}
