import { App } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Schemas } from '@/shared/api/problem'
import type { PackView } from '../api'

type Props = { outcome: Schemas['InstalledPack']; packs: PackView[]; imported?: boolean }

/** What became of the processes of a pack: how many, and by name only what was kept or failed. */
function Installed({ outcome, packs, imported }: Props) {
  const { t } = useTranslation('processes')
  const names = new Map(packs.flatMap((pack) => pack.processes.map((one) => [one.key, one.name] as const)))
  const name = (one: { key: string }) => names.get(one.key) ?? one.key
  const of = (result: (typeof RESULTS)[number]) => outcome.items.filter((one) => one.result === result)
  const signature = outcome.signed_by
    ? t('packs.signed_by', { name: outcome.signed_by })
    : outcome.unknown_signers.length > 0
      ? t('packs.unknown_signers', { names: outcome.unknown_signers.join(t('common:comma')) })
      : t('packs.unsigned')
  return (
    <>
      <ul className="plain">
        {RESULTS.filter((result) => of(result).length > 0).map((result) => (
          <li key={result}>
            {t(`packs.became.${result}`, { count: of(result).length })}
            {result === 'kept' && <div className="faint">{of(result).map(name).join(t('common:comma'))}</div>}
          </li>
        ))}
        {outcome.roles_added > 0 && <li>{t('packs.roles_added', { count: outcome.roles_added })}</li>}
        {imported && <li>{signature}</li>}
      </ul>
      {of('failed').length > 0 && (
        <ul className="plain installed">
          {of('failed').map((one) => (
            <li key={one.key}>
              <strong>{name(one)}</strong> {t('packs.result.failed')}
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
