// Form fields: label, what it means, what is wrong with it.
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Problem } from '../core/api'

/** What the server says about one field. */
export const complaint = (error: unknown, field: string) => (error instanceof Problem ? error.fields[field] : undefined)

interface Common {
  label: string
  hint?: ComponentChildren
  error?: string | undefined
  optional?: string
}

export function Field({ label, hint, error, optional, children }: Common & { children: (ids: { id: string; describedBy: string | undefined }) => ComponentChildren }) {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={id}>{label}{optional && <span class="optional"> {optional}</span>}</label>
      {children({ id, describedBy: described || undefined })}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  )
}

interface InputProps extends Common {
  value: string
  onValue: (value: string) => void
  type?: 'text' | 'password' | 'email' | 'number' | 'datetime-local'
  autocomplete?: 'off' | 'username' | 'current-password' | 'new-password'
  autocapitalize?: 'none'
  spellcheck?: boolean
  autofocus?: boolean
  required?: boolean
  placeholder?: string
  maxLength?: number
  min?: number
  max?: number
  step?: number
}

export function TextField({ label, hint, error, optional, value, onValue, type = 'text', autocomplete = 'off', ...rest }: InputProps) {
  return (
    <Field label={label} hint={hint} error={error} {...(optional ? { optional } : {})}>
      {({ id, describedBy }) => (
        <input
          id={id}
          type={type as 'text'} // the typings tell the roles of each type apart, which matters to nobody here
          autocomplete={autocomplete}
          {...rest}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={error ? true : undefined}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export interface Choice<Value extends string> {
  value: Value
  text: string
}

type SelectProps<Value extends string> = Common & { value: Value; choices: readonly Choice<Value>[]; onValue: (value: Value) => void; disabled?: boolean }

export function SelectField<Value extends string>({ label, hint, error, value, choices, onValue, disabled }: SelectProps<Value>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <select id={id} value={value} disabled={disabled} aria-describedby={describedBy} onChange={(event) => onValue(event.currentTarget.value as Value)}>
          {choices.map((choice) => <option key={choice.value} value={choice.value} selected={choice.value === value}>{choice.text}</option>)}
        </select>
      )}
    </Field>
  )
}

export function CheckField({ label, hint, checked, onChecked }: { label: string; hint?: string; checked: boolean; onChecked: (checked: boolean) => void }) {
  const id = useId()
  return (
    <div class="check-field">
      <input id={id} type="checkbox" checked={checked} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChecked(event.currentTarget.checked)} />
      <div>
        <label for={id}>{label}</label>
        {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      </div>
    </div>
  )
}

/** A form that does not leave the page. */
export function Form({ onSubmit, children, label }: { onSubmit: () => void; children: ComponentChildren; label?: string }) {
  return (
    <form
      noValidate
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {children}
    </form>
  )
}

/** The value of a datetime-local input for a moment, in the reader's time zone. */
export function localInput(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 19)
}

/** The moment that a datetime-local input means, or nothing. */
export function momentOf(input: string): Date | undefined {
  if (!input) return undefined
  const moment = new Date(input)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}
