import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark' | 'system'
const media = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

export function theme(): Theme {
  const kept = localStorage.getItem('theme')
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

function isDark() {
  return theme() === 'dark' || (theme() === 'system' && media.matches)
}

export function setTheme(next: Theme) {
  localStorage.setItem('theme', next)
  apply()
}

function apply() {
  document.documentElement.style.colorScheme = isDark() ? 'dark' : 'light'
  for (const listener of listeners) listener()
}

media.addEventListener('change', apply)
apply()

/** Whether the page is dark now. */
export function useDark() {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, isDark)
}
