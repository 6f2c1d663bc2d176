import type { RuntimeValue } from './value.ts'

/**
 * Steps run as generators on the engine's own scheduler: plain steps run straight through in one loop, and a
 * task yields only where it has to wait. Nothing between two yields can be interrupted.
 */
export type Task<T> = Generator<Wait, T, RuntimeValue>

/** `ready`: let another branch have a turn. `parked`: until someone wakes the thread. Or until a promise settles. */
type Wait = 'ready' | 'parked' | Promise<RuntimeValue>
