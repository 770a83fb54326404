// The words of a language: a key for each that the English ones have.
import type { en } from './en'

export type Key = keyof typeof en
export type Dictionary = Readonly<Record<Key, string>>
