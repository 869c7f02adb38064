import { Link } from '@tanstack/react-router'
import { Alert, Button, InputNumber } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '@/shared/ui/problem'
import { Dot } from '@/shared/ui/states'
import { type ProcessDetail, type Replayed, replay } from '../api'

/** What the draft would have done with the cases that were: whose way would be another. */
export function Replay({ process }: { process: ProcessDetail }) {
  const { t } = useTranslation('processes')
  const [last, setLast] = useState(50)
  const [found, setFound] = useState<Replayed[] | null>(null)
  const run = useAct(() => replay(process.id, last), { done: (answer) => setFound(answer.items) })
  const other = found?.filter((one) => !one.same) ?? []
  return (
    <>
      <p className="faint">{t('replay.help')}</p>
      <div className="row" style={{ marginBottom: 16 }}>
        <label htmlFor="replay-last">{t('replay.last')}</label>
        <InputNumber id="replay-last" min={1} max={200} value={last} onChange={(value) => setLast(value ?? 50)} />
        <Button type="primary" loading={run.isPending} onClick={() => run.mutate(undefined)}>
          {t('replay.do')}
        </Button>
      </div>
      {found && (
        <Alert
          type={other.length > 0 ? 'warning' : 'success'}
          showIcon
          style={{ marginBottom: 12 }}
          title={
            other.length > 0 ? t('replay.other', { count: other.length, all: found.length }) : t('replay.same', { count: found.length })
          }
        />
      )}
      {other.length > 0 && (
        <div className="scroller">
          <table className="figures">
            <thead>
              <tr>
                <th scope="col">{t('replay.case')}</th>
                <th scope="col">{t('replay.was')}</th>
                <th scope="col">{t('replay.now')}</th>
              </tr>
            </thead>
            <tbody>
              {other.map((one) => (
                <tr key={one.case_id}>
                  <th scope="row">
                    <Link to="/cases/$id" params={{ id: one.case_id }}>
                      {one.number} {one.title}
                    </Link>
                  </th>
                  <td>{one.was.join(' → ')}</td>
                  <td>{one.problem ? <Dot colour="red" text={one.problem} /> : one.now.join(' → ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
