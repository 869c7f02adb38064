import { Modal, Switch } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { busy, letters } from '@/shared/keys'

const KEYS = ['Ctrl K', 'j / k', 'o', 'x', 'a', 'c', 'e', 'Esc', '?'] as const

/**
 * Keys for people who are here all day. Whatever says `aria-keyshortcuts` is pressed, or is where one writes; a list of all keys
 * comes with the question mark.
 */
export function Shortcuts({ open, show }: { open: boolean; show: (open: boolean) => void }) {
  const { t } = useTranslation()
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (busy(event)) return
      if (event.key === '?') return show(true)
      if (!/^[a-z]$/.test(event.key)) return
      const found = document.querySelector<HTMLElement>(`[aria-keyshortcuts="${event.key}"]`)
      if (!found) return
      event.preventDefault()
      if (found instanceof HTMLTextAreaElement) found.focus()
      else found.click()
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  }, [show])
  return (
    <Modal open={open} title={t('keys.title')} footer={null} onCancel={() => show(false)} destroyOnHidden>
      <table className="changes">
        <tbody>
          {KEYS.map((key) => (
            <tr key={key}>
              <th scope="row" style={{ whiteSpace: 'nowrap' }}>
                <kbd>{key}</kbd>
              </th>
              <td>{t(`keys.${key}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row" style={{ marginTop: 16 }}>
        <Switch defaultChecked={letters.on()} onChange={letters.turn} aria-labelledby="letters" />
        <span id="letters">{t('keys.letters')}</span>
      </div>
    </Modal>
  )
}
