/** Whether letters without Ctrl do something. Who speaks to the computer, or types with a shaking hand, turns that off (WCAG 2.1.4). */
export const letters = {
  on: () => localStorage.getItem('keys') !== 'off',
  turn: (on: boolean) => localStorage.setItem('keys', on ? 'on' : 'off'),
}

/** Whether somebody is writing, composing Chinese, or deciding something in a dialog, or wants letters to be letters. */
export function busy(event: KeyboardEvent) {
  const target = event.target as HTMLElement
  const held = event.isComposing || event.ctrlKey || event.metaKey || event.altKey
  return held || target.closest('input, textarea, select, [role=combobox], [contenteditable=true], .ant-modal') !== null || !letters.on()
}
