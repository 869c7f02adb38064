import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect } from 'react'
import { api, take } from './api/client'
import { follow } from './api/live'
import type { Schemas } from './api/problem'
import i18n, { setLanguage } from './i18n'

type Me = Schemas['MeView']
export type Permission = Schemas['Permission']
const MeContext = createContext<Me | null>(null)

/** Who is logged in. Only inside pages that need somebody. */
export function useMe(): Me {
  const me = useContext(MeContext)
  if (!me) throw new Error('nobody is logged in here')
  return me
}

/** Whether somebody holds a permission anywhere; what they may do with a thing, the thing says. */
export const holds = (me: Me, permission: Permission) => me.permissions.includes(permission)

/** Loads who is logged in, and follows what others change. */
export function WithMe({ children, loading, failed }: { children: ReactNode; loading: ReactNode; failed: (error: unknown) => ReactNode }) {
  const client = useQueryClient()
  const me = useQuery({ queryKey: ['me'], queryFn: () => take(api.GET('/api/v1/me')), staleTime: 60_000 })
  useEffect(() => follow(client), [client])
  const language = me.data?.language
  useEffect(() => {
    if (language && language !== i18n.language) void setLanguage(language)
  }, [language])
  if (me.isError) return failed(me.error)
  if (!me.data) return loading
  return <MeContext value={me.data}>{children}</MeContext>
}
