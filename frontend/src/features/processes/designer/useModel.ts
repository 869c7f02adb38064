import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ProblemError } from '@/shared/api/problem'
import { type Check, changeProcess, check, type Model, type ProcessDetail } from '../api'

export type Saving = 'saved' | 'changed' | 'saving' | 'stale' | 'failed'

/**
 * What is drawn, kept and checked while it is made: some moments after a change the draft is saved, and the check says what is
 * wrong. One save at a time, each on the version of the one before.
 */
export function useModel(process: ProcessDetail) {
  const client = useQueryClient()
  const { bpmn, form, decisions, tests } = process.draft ?? { bpmn: '', form: { schema: {}, ui: {} }, decisions: {}, tests: [] }
  const [model, setModel] = useState<Model>({ bpmn, form, decisions, tests })
  const [saving, setSaving] = useState<Saving>('saved')
  const [found, setFound] = useState<Check | null>(null)
  const version = useRef(process.version)
  const latest = useRef(model)
  latest.current = model
  const running = useRef<Promise<void>>(Promise.resolve())
  const kept = useRef(model)

  const save = useCallback(() => {
    running.current = running.current.then(async () => {
      const now = latest.current
      if (now === kept.current) return
      setSaving('saving')
      try {
        const saved = await changeProcess({ id: process.id, version: version.current }, now)
        version.current = saved.version
        kept.current = now
        client.setQueryData(['processes', 'one', process.id], saved)
        setSaving(latest.current === now ? 'saved' : 'changed')
      } catch (error) {
        setSaving(error instanceof ProblemError && error.code === 'version.stale' ? 'stale' : 'failed')
      }
    })
    return running.current
  }, [client, process.id])

  useEffect(() => {
    if (model === kept.current) return
    setSaving('changed')
    const timer = setTimeout(save, 1500)
    return () => clearTimeout(timer)
  }, [model, save])

  // Whoever leaves at once loses nothing.
  useEffect(() => () => void save(), [save])

  useEffect(() => {
    let gone = false
    const timer = setTimeout(async () => {
      const answer = await check(model).catch(() => null)
      if (!gone && answer) setFound(answer)
    }, 700)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [model])

  const change = useCallback((next: Partial<Model>) => setModel((now) => ({ ...now, ...next })), [])
  return { model, change, saving, save, found, version }
}
