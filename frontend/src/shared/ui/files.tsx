import { CameraOutlined, DeleteOutlined, PaperClipOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { download, upload } from '../api/client'
import type { Schemas } from '../api/problem'
import { sizeOf } from '../size'
import { type Linked, Preview, shows } from './Preview'
import { useAct } from './problem'

type Attached = Schemas['AttachedFile']
type Props = { value?: Attached[]; onChange?: (files: Attached[]) => void; id?: string; path?: (id: string) => string }

/** Where one's own upload is fetched. */
export const uploadPath = (id: string) => `/api/v1/files/${id}/content`

/** Files and photographs; they are uploaded at once and attached when the form is sent. */
export function FileInput({ value = [], onChange, id, path = uploadPath }: Props) {
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
      <FileList
        files={value.map((one) => ({ ...one, path: path(one.id) }))}
        remove={(id) => onChange?.(value.filter((other) => other.id !== id))}
      />
    </div>
  )
}

/** Files by their names: pressed, they are shown in place; what a page cannot show is saved. */
export function FileList({ files, remove }: { files: Linked[]; remove?: (id: string) => void }) {
  const { t } = useTranslation()
  const [at, setAt] = useState(0)
  const [open, setOpen] = useState(false)
  const save = useAct(({ path, name }: Linked) => download(path, name))
  const shown = files.filter(shows)
  const press = (one: Linked) => {
    if (!shows(one)) return save.mutate(one)
    setAt(shown.indexOf(one))
    setOpen(true)
  }
  if (files.length === 0) return null
  return (
    <>
      <ul className="files">
        {files.map((one) => (
          <li key={one.id}>
            <Button
              type="link"
              size="small"
              className="inline"
              icon={<PaperClipOutlined />}
              loading={save.isPending && save.variables.id === one.id}
              onClick={() => press(one)}
            >
              {one.name} <span className="faint">{sizeOf(one.size)}</span>
            </Button>
            {remove && (
              <Button
                type="text"
                size="small"
                aria-label={t('files.remove', { name: one.name })}
                icon={<DeleteOutlined />}
                onClick={() => remove(one.id)}
              />
            )}
          </li>
        ))}
      </ul>
      <Preview files={shown} at={at} go={setAt} open={open} close={() => setOpen(false)} />
    </>
  )
}
