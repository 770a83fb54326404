import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Problem, randomKey } from './api'

export type Loaded<Data> =
  | { state: 'loading'; data: Data | undefined; error: undefined }
  | { state: 'ready'; data: Data; error: undefined }
  | { state: 'failed'; data: Data | undefined; error: unknown }

/** Loads when `key` changes, and again on reload(). What was there stays visible meanwhile. The last question wins. */
export function useLoad<Data>(key: string, load: (signal: AbortSignal) => Promise<Data>): Loaded<Data> & { reload: () => void } {
  const [round, setRound] = useState(0)
  const asked = `${round} ${key}`
  const [loaded, setLoaded] = useState<Loaded<Data> & { asked: string }>({ asked, state: 'loading', data: undefined, error: undefined })
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    const controller = new AbortController()
    latest.current(controller.signal).then(
      (data) => controller.signal.aborted || setLoaded({ asked, state: 'ready', data, error: undefined }),
      (error: unknown) => controller.signal.aborted || setLoaded((before) => ({ asked, state: 'failed', data: before.data, error })),
    )
    return () => controller.abort()
  }, [asked])
  const reload = useCallback(() => setRound((count) => count + 1), [])
  // The answer to another question is old at once, not only when the next one has been sent.
  const isAnswer = loaded.asked === asked
  return isAnswer ? { ...loaded, reload } : { state: 'loading', data: loaded.data, error: undefined, reload }
}

export interface Action<Arguments extends unknown[]> {
  busy: boolean
  error: unknown
  /** Does nothing while it is under way: a second click is not a second act. */
  run: (...given: Arguments) => void
  clear: () => void
}

/** Whether the server may have acted although no good answer came. */
const isUncertain = (error: unknown) => !(error instanceof Problem) || error.status >= 500

/** Something that changes the server's state; `what` is all that it depends on beside the arguments of run(). A repeat of the
 *  same after an uncertain outcome goes with the same idempotency key. */
export function useAction<Arguments extends unknown[]>(act: (key: string, ...given: Arguments) => Promise<void>, what?: unknown): Action<Arguments> {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const isRunning = useRef(false)
  const intention = useRef({ key: '', given: '' })
  const run = (...given: Arguments) => {
    if (isRunning.current) return
    isRunning.current = true
    setBusy(true)
    setError(undefined)
    const words = JSON.stringify([what, given])
    if (!intention.current.key || intention.current.given !== words) intention.current = { key: randomKey(), given: words }
    act(intention.current.key, ...given)
      .then(
        () => void (intention.current = { key: '', given: '' }),
        (failure: unknown) => {
          if (!isUncertain(failure)) intention.current.key = ''
          setError(failure)
        },
      )
      .finally(() => {
        isRunning.current = false
        setBusy(false)
      })
  }
  return { busy, error, run, clear: () => setError(undefined) }
}

/** A value that settles: the last one given, once it has not changed for a while. */
export function useSettled<Value>(value: Value, milliseconds: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

/** True while the browser says that there is no network. */
export function useOffline(): boolean {
  const [offline, setOffline] = useState(!navigator.onLine)
  useEffect(() => {
    const update = () => setOffline(!navigator.onLine)
    addEventListener('online', update)
    addEventListener('offline', update)
    return () => {
      removeEventListener('online', update)
      removeEventListener('offline', update)
    }
  }, [])
  return offline
}

/** A number that changes now and then, so that relative times stay right. */
export function useMinute(): number {
  const [minute, setMinute] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setMinute(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return minute
}
