import { Alert, Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, download, fetched, take } from '@/shared/api/client'
import { problemOf } from '@/shared/api/problem'
import { useAct } from '@/shared/ui/problem'
import { type Verified, verify } from './verify'

/** A record is proven by a checkpoint, and the next one may be some seconds away. */
const PATIENCE = 10

/** The proof, once there is a checkpoint that has the record. */
async function proofOf(path: string, patience = PATIENCE): Promise<string> {
  try {
    return await (await fetched(path)).text()
  } catch (error) {
    if (patience === 0 || problemOf(error).code !== 'record.pending') throw error
    await new Promise((later) => setTimeout(later, 1000))
    return proofOf(path, patience - 1)
  }
}

/** The proof of a record: as a file for other tools, or computed here in the browser. */
export function Proof({ id, canonical }: { id: string; canonical: string }) {
  const { t } = useTranslation('records')
  const [result, setResult] = useState<Verified | string | null>(null)
  const path = `/api/v1/records/${id}/proof`
  const save = useAct(() => download(path, `${id}.tlog-proof`))
  const check = useAct(
    async () => {
      const proof = await proofOf(path)
      const log = await take(api.GET('/api/v1/log'))
      return verify(proof, canonical, log.key).catch((error: Error) => error.message)
    },
    { done: setResult },
  )
  return (
    <>
      <div className="row" style={{ margin: '8px 0' }}>
        <Button type="primary" loading={check.isPending} onClick={() => check.mutate(undefined)}>
          {t('verify.do')}
        </Button>
        <Button loading={save.isPending} onClick={() => save.mutate(undefined)}>
          {t('verify.save')}
        </Button>
      </div>
      {typeof result === 'string' && (
        <Alert type="error" showIcon title={t('verify.failed')} description={t(`verify.why.${result}`, { defaultValue: result })} />
      )}
      {result !== null && typeof result !== 'string' && (
        <Alert type="success" showIcon title={t('verify.holds')} description={t('verify.says', { ...result })} />
      )}
    </>
  )
}
