import { describe, expect, test } from 'vitest'
import { liveClock, realClock, virtualClock } from './clock.ts'

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

describe('virtualClock', () => {
  test('a year of sleep takes no time, and time is exact', async () => {
    const clock = virtualClock(1_000)
    const began = performance.now()
    await clock.sleep(31_536_000_000)
    expect(clock.now()).toBe(31_536_001_000)
    expect(performance.now() - began).toBeLessThan(500)
  })

  test('timers fire in order of time, those of one instant together', async () => {
    const clock = virtualClock(0)
    const fired: string[] = []
    const after = async (milliseconds: number, name: string) => {
      await clock.sleep(milliseconds)
      fired.push(`${name}@${clock.now()}`)
    }
    await Promise.all([after(30, 'c'), after(10, 'a'), after(20, 'b1'), after(20, 'b2'), after(0, 'now')])
    expect(fired).toEqual(['now@0', 'a@10', 'b1@20', 'b2@20', 'c@30'])
  })

  test('a thousand timers in random order fire sorted', async () => {
    const clock = virtualClock(0)
    const fired: number[] = []
    const delays = Array.from({ length: 1_000 }, (_, index) => (index * 7_919) % 1_000)
    await Promise.all(delays.map((delay) => clock.sleep(delay).then(() => fired.push(clock.now()))))
    expect(fired).toEqual(delays.toSorted((a, b) => a - b))
  })

  test('aborted timers leave the others in their order', async () => {
    const clock = virtualClock(0)
    const fired: (readonly [number, number])[] = []
    const timers = Array.from({ length: 1_000 }, (_, index) => {
      const due = (index * 7_919) % 1_000
      const controller = new AbortController()
      const done = clock.sleep(due, controller.signal).then(
        () => fired.push([due, clock.now()]),
        () => 0,
      )
      return { due, controller, done }
    })
    const aborted = timers.filter(({ due }) => due % 3 !== 0)
    for (const { controller } of aborted) controller.abort(new Error('enough'))
    await Promise.all(timers.map(({ done }) => done))
    expect(fired).toEqual(Array.from({ length: 334 }, (_, index) => [3 * index, 3 * index]))
  })

  test('an earlier timer that a promise sets is not jumped over', async () => {
    const clock = virtualClock(0)
    const fired: number[] = []
    const late = clock.sleep(1_000).then(() => fired.push(clock.now()))
    await Promise.resolve().then(() => undefined)
    await clock.sleep(10).then(() => fired.push(clock.now()))
    await late
    expect(fired).toEqual([10, 1_000])
  })

  test('while real work is under way time follows the wall', async () => {
    const clock = virtualClock(0)
    const work = clock.track(wait(60))
    let slept = false
    const sleep = clock.sleep(3_600_000).then(() => (slept = true))
    await wait(30)
    expect(clock.now()).toBeGreaterThanOrEqual(20)
    expect(clock.now()).toBeLessThan(1_000)
    expect(slept).toBe(false)
    await work
    const passed = clock.now()
    await sleep
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_000)
    expect(clock.now()).toBeLessThanOrEqual(3_600_000 + passed)
  })

  test('a timer that is due during real work fires when the wall reaches it', async () => {
    const clock = virtualClock(0)
    const work = clock.track(wait(200))
    const began = performance.now()
    await clock.sleep(50)
    const took = performance.now() - began
    expect(took).toBeGreaterThan(40)
    expect(took).toBeLessThan(190)
    await work
  })

  test('a poll of finished work costs no wall time', async () => {
    const clock = virtualClock(0)
    const state = { done: false }
    const work = clock.track(wait(20)).then(() => (state.done = true))
    const began = performance.now()
    let polls = 0
    for (let delay = 1_000; !state.done; delay *= 1.25, polls += 1) await clock.sleep(Math.min(delay, 60_000))
    expect(polls).toBe(1)
    expect(clock.now()).toBeGreaterThanOrEqual(1_000)
    expect(performance.now() - began).toBeLessThan(500)
    await work
  })

  test('failed work is over too', async () => {
    const clock = virtualClock(0)
    await expect(clock.track(Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    await clock.sleep(3_600_000)
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_000)
  })

  test('does not jump while it is held', async () => {
    const clock = virtualClock(0)
    const release = clock.hold!()
    let slept = false
    const sleep = clock.sleep(1_000).then(() => (slept = true))
    await wait(20)
    expect([slept, clock.now()]).toEqual([false, 0])
    release()
    release()
    await sleep
    expect(clock.now()).toBe(1_000)
  })

  test('real work keeps time and timers going while it is held, and no longer', async () => {
    const clock = virtualClock(0)
    const happened: string[] = []
    const release = clock.hold!()
    const note = (what: string) => () => void happened.push(what)
    const soon = clock.sleep(5).then(note('due during the work'))
    const late = clock.sleep(3_600_000).then(note('due after it'))
    await clock.track(wait(60).then(note('work done')))
    await soon
    await wait(20)
    expect(happened).toEqual(['due during the work', 'work done'])
    const stopped = clock.now()
    await wait(20)
    expect(clock.now()).toBe(stopped)
    release()
    await late
    expect(clock.now()).toBe(3_600_000)
  })

  test('every holder has to let go', async () => {
    const clock = virtualClock(0)
    const [first, second] = [clock.hold!(), clock.hold!()]
    let slept = false
    const sleep = clock.sleep(1).then(() => (slept = true))
    first()
    first()
    await wait(20)
    expect(slept).toBe(false)
    second()
    await sleep
    expect(clock.now()).toBe(1)
  })

  test('an aborted sleep rejects with the reason and leaves no timer', async () => {
    const clock = virtualClock(0)
    const controller = new AbortController()
    const sleep = clock.sleep(5_000, controller.signal)
    controller.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough')
    await clock.sleep(10)
    expect(clock.now()).toBe(10)
  })
})

describe('realClock', () => {
  test('sleeps and tells the time of the wall', async () => {
    const clock = realClock()
    const began = clock.now()
    expect(Math.abs(began - Date.now())).toBeLessThan(50)
    await clock.sleep(20)
    expect(clock.now() - began).toBeGreaterThanOrEqual(18)
    expect(await clock.track(Promise.resolve(7))).toBe(7)
  })

  test('an aborted sleep rejects, also one that is longer than a timer can be', async () => {
    const controller = new AbortController()
    const sleep = realClock().sleep(2 ** 40, controller.signal)
    setTimeout(() => controller.abort(new Error('enough')), 5)
    await expect(sleep).rejects.toThrow('enough')
  })
})

describe('the live clock', () => {
  test('sleeps as long as it says, and polls for as long as something real takes', async () => {
    const clock = liveClock(0)
    const before = performance.now()
    await clock.poll?.(3_600_000)
    expect(performance.now() - before).toBeLessThan(1_000)
    expect(clock.now()).toBe(3_600_000)

    const slept = performance.now()
    await clock.sleep(60)
    expect(performance.now() - slept).toBeGreaterThan(55)
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_055)
  })

  test('a sleep that is aborted ends at once', async () => {
    const clock = liveClock(0)
    await expect(clock.sleep(3_600_000, AbortSignal.timeout(10))).rejects.toThrow('timeout')
  })
})
