import { DownloadOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { contentOf, download } from '../api/client'
import type { Schemas } from '../api/problem'
import { Loading } from './layout'
import { ProblemAlert, useAct } from './problem'

/** A file with the place where it is fetched. */
export type Linked = Pick<Schemas['AttachedFile'], 'id' | 'name' | 'size' | 'media_type'> & { path: string }

/** What a page can show by itself; longer texts are better read elsewhere. */
export const shows = ({ media_type, size }: Linked) =>
  media_type.startsWith('image/') ||
  (media_type === 'text/plain' && size <= 1 << 20) ||
  (media_type === 'application/pdf' && navigator.pdfViewerEnabled)

type Props = { files: Linked[]; at: number; go: (at: number) => void; open: boolean; close: () => void }

/** Files looked at in place, one after the other. */
export function Preview({ files, at, go, open, close }: Props) {
  const { t } = useTranslation()
  const file = files[at]
  const save = useAct(({ path, name }: Linked) => download(path, name))
  useEffect(() => {
    if (!open) return
    const keys = ({ key }: KeyboardEvent) => {
      if (key === 'ArrowLeft' && at > 0) go(at - 1)
      if (key === 'ArrowRight' && at < files.length - 1) go(at + 1)
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  }, [open, at, files.length, go])
  if (!file) return null
  return (
    <Modal
      open={open}
      onCancel={close}
      destroyOnHidden
      title={file.name}
      width="min(1100px, 100vw)"
      style={{ top: 16 }}
      footer={
        <div className="row">
          {files.length > 1 && (
            <>
              <Button icon={<LeftOutlined />} aria-label={t('files.before')} disabled={at === 0} onClick={() => go(at - 1)} />
              <span role="status">{t('files.nth', { n: at + 1, count: files.length })}</span>
              <Button icon={<RightOutlined />} aria-label={t('files.next')} disabled={at === files.length - 1} onClick={() => go(at + 1)} />
            </>
          )}
          <span className="grow" />
          <Button icon={<DownloadOutlined />} loading={save.isPending} onClick={() => save.mutate(file)}>
            {t('files.save')}
          </Button>
        </div>
      }
    >
      <div className="preview">
        <Content key={file.id} file={file} />
      </div>
    </Modal>
  )
}

function Content({ file }: { file: Linked }) {
  const content = useQuery({
    queryKey: ['file', file.path],
    queryFn: () => contentOf(file.path),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  if (content.isError) return <ProblemAlert error={content.error} retry={content.refetch} />
  if (!content.data) return <Loading />
  if (file.media_type === 'text/plain') return <Words blob={content.data} />
  if (file.media_type === 'application/pdf') return <Sheets blob={content.data} name={file.name} />
  return <Picture blob={content.data} name={file.name} />
}

function Words({ blob }: { blob: Blob }) {
  const [text, setText] = useState('')
  useEffect(() => void blob.text().then(setText), [blob])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className="raw" tabIndex={0}>
      {text}
    </pre>
  )
}

/** A picture as a whole; pressed, in its own size, for what is written small. */
function Picture({ blob, name }: { blob: Blob; name: string }) {
  const { t } = useTranslation()
  const [large, setLarge] = useState(false)
  const [broken, setBroken] = useState(false)
  const url = useUrl(blob)
  if (broken) return <p className="faint">{t('files.unshown')}</p>
  if (!url) return null
  return (
    <button
      type="button"
      className={large ? 'text large' : 'text'}
      aria-pressed={large}
      title={t('files.enlarge')}
      onClick={() => setLarge(!large)}
    >
      <img src={url} alt={name} onError={() => setBroken(true)} />
    </button>
  )
}

function Sheets({ blob, name }: { blob: Blob; name: string }) {
  const url = useUrl(blob)
  return url ? <iframe src={url} title={name} /> : null
}

function useUrl(blob: Blob) {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return url
}
