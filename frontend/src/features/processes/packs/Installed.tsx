import { App } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import type { PackView } from '../api'

type Props = { outcome: Schemas['InstalledPack']; packs: PackView[]; imported?: boolean }

/** What became of the processes of a pack: how many, and by name only what was kept or failed. */
function Installed({ outcome, packs, imported }: Props) {
  const { t } = useTranslation('processes')
  const names = new Map(packs.flatMap((pack) => pack.processes.map((one) => [one.key, one.name] as const)))
  const count = (result: (typeof RESULTS)[number]) => outcome.items.filter((one) => one.result === result).length
  const told = RESULTS.filter((result) => count(result) > 0).map((result) => t(`packs.became.${result}`, { count: count(result) }))
  if (outcome.roles_added > 0) told.push(t('packs.roles_added', { count: outcome.roles_added }))
  const named = outcome.items.filter((one) => one.result === 'failed' || one.result === 'kept')
  return (
    <>
      <ul className="plain">
        {told.map((line) => (
          <li key={line}>{line}</li>
        ))}
        {imported && <li>{outcome.signed_by ? t('packs.signed_by', { name: outcome.signed_by }) : t('packs.unsigned')}</li>}
      </ul>
      {named.length > 0 && (
        <ul className="plain installed">
          {named.map((one) => (
            <li key={one.key}>
              <strong>{names.get(one.key) ?? one.key}</strong> {t(`packs.result.${one.result}`)}
              {one.reason && <div className="faint">{one.reason}</div>}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

const RESULTS = ['installed', 'updated', 'kept', 'failed'] as const

/** Says what became of a pack in a dialog. */
export function useTellInstalled() {
  const { t } = useTranslation('processes')
  const { modal } = App.useApp()
  return (props: Props) => {
    const failed = props.outcome.items.some((one) => one.result === 'failed')
    modal[failed ? 'warning' : 'success']({
      title: t(props.imported ? 'packs.imported' : 'packs.done'),
      width: 520,
      content: <Installed {...props} />,
    })
  }
}
