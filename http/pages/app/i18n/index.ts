// Words and numbers in the reader's language. A language is one dictionary; a key that it lacks does not compile.
import { useEffect, useState } from 'preact/hooks'
import { saveLanguage, savedLanguage } from '../core/preferences'
import type { Dictionary, Key } from './dictionary'
import { en } from './en'
import { zh } from './zh'

export type { Key }

export const LANGUAGES = {
  en: { name: 'English', tag: 'en', words: en as Dictionary },
  zh: { name: '简体中文', tag: 'zh-Hans', words: zh },
} as const
export type Language = keyof typeof LANGUAGES

const isLanguage = (text: string | null | undefined): text is Language => !!text && Object.hasOwn(LANGUAGES, text)

function preferred(): Language {
  const saved = savedLanguage()
  if (isLanguage(saved)) return saved
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage)
  return wanted ?? 'en'
}

let language: Language = preferred()
const listeners = new Set<() => void>()

export const currentLanguage = () => language

export function applyLanguage(): void {
  document.documentElement.lang = LANGUAGES[language].tag
}

export function setLanguage(chosen: Language): void {
  language = chosen
  saveLanguage(chosen)
  applyLanguage()
  listeners.forEach((listener) => listener())
}

/** Renders anew when the language changes. The top of the tree uses it. */
export function useLanguage(): Language {
  const [current, setCurrent] = useState(language)
  useEffect(() => {
    const listener = () => setCurrent(language)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
  return current
}

/** The reader's own form of the language, with its order of day and month: `en-GB` for `en`, if the browser says so. */
function regionalTag(): string {
  return navigator.languages.find((tag) => tag.slice(0, 2).toLowerCase() === language) ?? LANGUAGES[language].tag
}

export type Values = Readonly<Record<string, string | number>>

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? formatNumber(value) : value
  })
}

export function t(key: Key, values: Values = {}): string {
  return filled(LANGUAGES[language].words[key], values)
}

/** Keys that come in a form for one and a form for several: `name.one` and `name.other`. */
type Counted = { [K in Key]: K extends `${infer Name}.one` ? Name : never }[Key]

export function tn(name: Counted, count: number, values: Values = {}): string {
  const form = new Intl.PluralRules(LANGUAGES[language].tag).select(count) === 'one' ? 'one' : 'other'
  return t(`${name}.${form}` as Key, { count, ...values })
}

/** The words of a key that is put together at run time, or `otherwise` if there are none: a name newer than this page. */
export function tOr(key: string, otherwise: string): string {
  return Object.hasOwn(en, key) ? t(key as Key) : otherwise
}

export const formatNumber = (value: number) => new Intl.NumberFormat(regionalTag()).format(value)

export function formatDay(time: string | number | Date): string {
  return new Intl.DateTimeFormat(regionalTag(), { dateStyle: 'medium' }).format(new Date(time))
}

export function formatShortDay(time: string | number | Date): string {
  return new Intl.DateTimeFormat(regionalTag(), { month: 'short', day: 'numeric' }).format(new Date(time))
}

export function formatExact(time: string | number | Date): string {
  const date = new Date(time)
  return new Intl.DateTimeFormat(regionalTag(), { dateStyle: 'medium', timeStyle: 'medium' }).format(date)
}

export function formatMoment(time: string | number | Date): string {
  return new Intl.DateTimeFormat(regionalTag(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time))
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

export function formatRelative(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000
  const format = new Intl.RelativeTimeFormat(regionalTag(), { numeric: 'auto' })
  // Days stay days for two months: "in 45 days" says more than "in 1 month".
  for (const [unit, length] of STEPS) {
    const limit = unit === 'month' ? 2 * length : length
    if (Math.abs(seconds) >= limit) return format.format(Math.trunc(seconds / length), unit)
  }
  return format.format(0, 'second')
}
