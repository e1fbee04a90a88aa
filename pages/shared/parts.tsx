import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import './parts.css'

type ButtonProps = Omit<ButtonHTMLAttributes, 'icon' | 'class'> & {
  class?: string
  look?: 'primary' | 'danger' | 'quiet'
  /** Only a picture: `label` says what it does. */
  label?: string
  children?: ComponentChildren
}

export function Button({ look, label, children, class: extra, type = 'button', ...rest }: ButtonProps) {
  const classes = ['button', look, label && 'icon', extra].filter(Boolean).join(' ')
  return (
    <button {...rest} type={type} class={classes} {...(label ? { 'aria-label': label, title: label } : {})}>
      {children}
    </button>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'info'

export function Badge({ tone, children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={['badge', tone].filter(Boolean).join(' ')}>{children}</span>
}

interface DialogProps {
  open: boolean
  title: string
  onClose: () => void
  children: ComponentChildren
}

/** The browser's own dialog: it keeps the focus, closes on Escape, and gives the focus back. */
export function Dialog({ open, title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = element.current
    if (open && dialog && !dialog.open) dialog.showModal()
    if (!open && dialog?.open) dialog.close()
  }, [open])
  return (
    <dialog ref={element} class="dialog" aria-label={title} onClose={onClose}>
      {open && (
        <>
          <h2>{title}</h2>
          {children}
        </>
      )}
    </dialog>
  )
}

export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  )
}

export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      {children}
    </p>
  )
}
