import { Alert, App, Button, Drawer } from 'antd'
import { useTranslation } from 'react-i18next'
import { holds, useMe } from '@/shared/me'
import { Loading } from '@/shared/ui/layout'
import { ProblemAlert, useAct } from '@/shared/ui/problem'
import { installPack, type PackView, usePackProcess } from '../api'
import { ThreeWays } from '../compare/ThreeWays'
import { TwoWays } from '../compare/TwoWays'

type Props = { pack: PackView; process: PackView['processes'][number]; close: () => void }

/** A process as the company has it and as the pack has it, against the version from which it was made; a person decides. */
export function ComparePack({ pack, process, close }: Props) {
  const { t } = useTranslation('processes')
  const me = useMe()
  const { modal } = App.useApp()
  const found = usePackProcess(pack.key, process.key)
  const decide = useAct((changed: 'take' | 'keep') => installPack(pack.key, { process_keys: [process.key], publish: false, changed }), {
    said: t('common:said.done'),
    done: close,
  })
  const ask = () =>
    modal.confirm({
      title: t('packs.take'),
      content: t('packs.take_sure', { name: process.name }),
      okText: t('packs.take'),
      onOk: () => decide.mutateAsync('take').catch(() => undefined),
    })
  const { base, here, pack: theirs, state } = found.data ?? {}
  const names: [string, string] = [t('compare.ours'), t('compare.theirs', { version: pack.version })]
  const changed = state === 'changed' || state === 'both'
  return (
    <Drawer
      open
      onClose={close}
      size="min(1300px, 100vw)"
      title={t('compare.with_pack', { name: process.name })}
      destroyOnHidden
      footer={
        holds(me, 'processes.design') &&
        changed && (
          <div className="row">
            <Button onClick={ask} loading={decide.isPending && decide.variables === 'take'}>
              {t('packs.take')}
            </Button>
            {state === 'both' && (
              <Button onClick={() => decide.mutate('keep')} loading={decide.isPending && decide.variables === 'keep'}>
                {t('packs.keep')}
              </Button>
            )}
            <span className="faint">{t(state === 'both' ? 'packs.decide_both' : 'packs.decide')}</span>
          </div>
        )
      }
    >
      {found.isError && <ProblemAlert error={found.error} retry={found.refetch} />}
      {found.isLoading && <Loading rows={8} />}
      {here && theirs && base && <ThreeWays base={base} here={here} pack={theirs} names={names} />}
      {here && theirs && !base && (
        <>
          <Alert type="info" showIcon title={t('compare.no_base')} style={{ marginBottom: 12 }} />
          <TwoWays before={here} after={theirs} names={names} />
        </>
      )}
    </Drawer>
  )
}
