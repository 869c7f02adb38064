import { CameraOutlined, DeleteOutlined, PaperClipOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { download, upload } from '../api/client'
import type { Schemas } from '../api/problem'
import { useAct } from './problem'

type Props = { value?: Schemas['AttachedFile'][]; onChange?: (files: Schemas['AttachedFile'][]) => void; id?: string }

/** Files and photographs; they are uploaded at once and attached when the form is sent. */
export function FileInput({ value = [], onChange, id }: Props) {
  const { t } = useTranslation()
  const file = useRef<HTMLInputElement>(null)
  const photo = useRef<HTMLInputElement>(null)
  const add = useAct(async (files: File[]) => {
    const added = [...value]
    for (const one of files) added.push(await upload(one))
    onChange?.(added)
  })
  const picked = (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])]
    input.value = ''
    if (files.length > 0) add.mutate(files)
  }
  return (
    <div
      onPaste={(event) => {
        const files = [...event.clipboardData.files]
        if (files.length > 0) add.mutate(files)
      }}
    >
      <div className="row">
        <Button id={id} icon={<PaperClipOutlined />} loading={add.isPending} onClick={() => file.current?.click()}>
          {t('files.add')}
        </Button>
        <Button icon={<CameraOutlined />} disabled={add.isPending} onClick={() => photo.current?.click()}>
          {t('files.photo')}
        </Button>
      </div>
      <input ref={file} type="file" multiple hidden aria-label={t('files.add')} onChange={(event) => picked(event.target)} />
      <input
        ref={photo}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label={t('files.photo')}
        onChange={(event) => picked(event.target)}
      />
      {value.length > 0 && (
        <ul className="files">
          {value.map((one) => (
            <li key={one.id}>
              {one.name} <span className="faint">{sizeOf(one.size)}</span>
              <Button
                type="text"
                size="small"
                aria-label={t('files.remove', { name: one.name })}
                icon={<DeleteOutlined />}
                onClick={() => onChange?.(value.filter((other) => other.id !== one.id))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

export const sizeOf = (bytes: number) =>
  bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`

/** A file that can be saved. */
export function FileLink({ path, name, size }: { path: string; name: string; size: number }) {
  const act = useAct(() => download(path, name))
  return (
    <Button
      type="link"
      size="small"
      className="inline"
      icon={<PaperClipOutlined />}
      loading={act.isPending}
      onClick={() => act.mutate(undefined)}
    >
      {name} <span className="faint">{sizeOf(size)}</span>
    </Button>
  )
}
