import { ArrowLeftOutlined, RedoOutlined, UndoOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button, Tooltip } from 'antd'
import { lazy, type RefObject, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { action } from '@/shared/api/allowed'
import { holds, useMe } from '@/shared/me'
import type { Check, Model, ProcessDetail, Test } from '../api'
import type { CommandStack, Tool } from '../modeler/types'
import type { Saving } from './useModel'

const Publish = lazy(() => import('./Publish'))
const TestRun = lazy(() => import('./TestRun'))

type Props = {
  process: ProcessDetail
  model: Model
  found: Check | null
  saving: Saving
  save: () => Promise<void>
  version: RefObject<number>
  tool: Tool | null
  keepTest: (test: Test) => void
}

/** What is drawn here, whether it is kept, and what one does with it as a whole. */
export function Head({ process, model, found, saving, save, version, tool, keepTest }: Props) {
  const { t } = useTranslation('processes')
  const me = useMe()
  const [open, setOpen] = useState<'run' | 'publish' | null>(null)
  const publishes = action(process, 'publish')
  const stack = () => tool?.get<CommandStack>('commandStack')
  return (
    <header className="design-head">
      <Link to="/processes/$id" params={{ id: process.id }} aria-label={t('design.back')} className="row">
        <Button type="text" icon={<ArrowLeftOutlined />} tabIndex={-1} aria-hidden="true" />
      </Link>
      <h1>{process.name}</h1>
      <span className="faint" role="status">
        {t(`design.${saving}`)}
      </span>
      <span className="grow" />
      <Tooltip title="Ctrl Z">
        <Button icon={<UndoOutlined />} aria-label={t('design.undo')} disabled={!stack()?.canUndo()} onClick={() => stack()?.undo()} />
      </Tooltip>
      <Tooltip title="Ctrl Y">
        <Button icon={<RedoOutlined />} aria-label={t('design.redo')} disabled={!stack()?.canRedo()} onClick={() => stack()?.redo()} />
      </Tooltip>
      <Button onClick={() => setOpen('run')}>{t('run.title')}</Button>
      {holds(me, 'processes.publish') && (
        <Tooltip title={publishes?.allowed ? undefined : publishes?.reason_text}>
          <Button
            type="primary"
            disabled={!publishes?.allowed}
            onClick={() => {
              void save()
              setOpen('publish')
            }}
          >
            {t('publish.title')}
          </Button>
        </Tooltip>
      )}
      <Suspense fallback={null}>
        {open === 'run' && <TestRun model={model} keep={keepTest} close={() => setOpen(null)} />}
        {open === 'publish' && (
          <Publish process={process} model={model} found={found} saving={saving} version={version} close={() => setOpen(null)} />
        )}
      </Suspense>
    </header>
  )
}
