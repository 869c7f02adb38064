import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { App as AntApp, ConfigProvider } from 'antd'
import en from 'antd/locale/en_US'
import zh from 'antd/locale/zh_CN'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemError } from '@/shared/api/problem'
import { useDark } from '@/shared/dark'
import { themeOf } from '@/shared/theme'
import { router } from './router'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays a refusal; only what did not arrive is tried again.
      retry: (count, error) => !(error instanceof ProblemError) && count < 2,
    },
  },
})

export function App() {
  const { i18n } = useTranslation()
  const dark = useDark()
  return (
    <ConfigProvider theme={themeOf(dark)} locale={i18n.language === 'en' ? en : zh} button={{ autoInsertSpace: false }}>
      <AntApp component={false} notification={{ placement: 'bottomRight' }}>
        <QueryClientProvider client={client}>
          <Suspense fallback={null}>
            <RouterProvider router={router} />
          </Suspense>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  )
}
