import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Button, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { api, take } from '@/shared/api/client'
import { begin, end } from '@/shared/api/session'
import { setLanguage } from '@/shared/i18n'
import { Loading } from '@/shared/ui/layout'
import { useAct } from '@/shared/ui/problem'

function Door({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  const { i18n } = useTranslation()
  return (
    <div className="door">
      <main>
        <div className="row" style={{ justifyContent: 'space-between', marginBottom: 20 }}>
          <span className="brand">
            <img src="/favicon.svg" alt="" />
            制度 Zhidu
          </span>
          <Button type="text" size="small" onClick={() => setLanguage(i18n.language === 'en' ? 'zh-CN' : 'en')}>
            {i18n.language === 'en' ? '中文' : 'English'}
          </Button>
        </div>
        <h1>{title}</h1>
        {text && <p className="faint">{text}</p>}
        {children}
      </main>
    </div>
  )
}

/** Only paths of this page are followed after log-in. */
const safe = (next: unknown) => (typeof next === 'string' && next.startsWith('/') && !next.startsWith('//') ? next : '/')

export function LoginPage() {
  const { t } = useTranslation('auth')
  const go = useNavigate()
  const { next } = useSearch({ strict: false }) as { next?: string }
  const [form] = Form.useForm()
  const act = useAct((body: { login: string; password: string }) => take(api.POST('/api/v1/auth/login', { body })), {
    form,
    done: (view) => {
      begin(view)
      void go({ to: view.must_change_password ? '/password' : safe(next), replace: true })
    },
  })
  return (
    <Door title={t('login.title')}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => act.mutate(values)} style={{ marginTop: 16 }}>
        <Form.Item name="login" label={t('login.login')} rules={[{ required: true, message: t('common:required') }]}>
          <Input autoComplete="username" autoFocus autoCapitalize="none" />
        </Form.Item>
        <Form.Item name="password" label={t('login.password')} rules={[{ required: true, message: t('common:required') }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={act.isPending}>
          {t('login.do')}
        </Button>
      </Form>
      <p className="faint" style={{ marginTop: 16 }}>
        {t('login.help')}
      </p>
    </Door>
  )
}

function useRules() {
  return useQuery({
    queryKey: ['password-rules'],
    queryFn: () => take(api.GET('/api/v1/auth/password-rules')),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Two fields for a new password; the second catches a slip. */
export function NewPassword({ name }: { name: string }) {
  const { t } = useTranslation('auth')
  const rules = useRules()
  const required = { required: true, message: t('common:required') }
  return (
    <>
      <Form.Item
        name={name}
        label={t('password.new')}
        rules={[required]}
        extra={rules.data && t(`password.rules_${rules.data.profile}`, { min: rules.data.min_length, classes: rules.data.classes })}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={t('password.repeat')}
        dependencies={[name]}
        rules={[
          required,
          (form) => ({
            validator: (_, value) =>
              value === form.getFieldValue(name) ? Promise.resolve() : Promise.reject(new Error(t('password.differs'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  )
}

/** The first password is changed before anything else (E4.5). */
export function PasswordPage() {
  const { t } = useTranslation('auth')
  const go = useNavigate()
  const [form] = Form.useForm()
  const act = useAct(
    ({ current_password, new_password }: { current_password: string; new_password: string }) =>
      take(api.POST('/api/v1/auth/password', { body: { current_password, new_password } })),
    {
      form,
      said: t('password.changed'),
      done: (view) => {
        begin(view)
        void go({ to: '/', replace: true })
      },
    },
  )
  const leave = async () => {
    await api.POST('/api/v1/auth/logout')
    end()
    await go({ to: '/login' })
  }
  return (
    <Door title={t('password.first')} text={t('password.first_text')}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => act.mutate(values)} style={{ marginTop: 16 }}>
        <Form.Item name="current_password" label={t('password.initial')} rules={[{ required: true, message: t('common:required') }]}>
          <Input.Password autoComplete="current-password" autoFocus />
        </Form.Item>
        <NewPassword name="new_password" />
        <Button type="primary" htmlType="submit" block loading={act.isPending}>
          {t('password.do')}
        </Button>
        <Button type="link" block onClick={leave} style={{ marginTop: 8 }}>
          {t('common:self.leave')}
        </Button>
      </Form>
    </Door>
  )
}

export function SetupPage() {
  const { t } = useTranslation('auth')
  const go = useNavigate()
  const { token = '' } = useSearch({ strict: false }) as { token?: string }
  const [form] = Form.useForm()
  const state = useQuery({ queryKey: ['setup'], queryFn: () => take(api.GET('/api/v1/auth/setup')) })
  const act = useAct(
    (values: { company: string; name: string; login: string; password: string }) =>
      take(
        api.POST('/api/v1/auth/setup', {
          body: { token, company: values.company, name: values.name, login: values.login, password: values.password },
        }),
      ),
    {
      form,
      done: (view) => {
        begin(view)
        void go({ to: '/', replace: true })
      },
    },
  )
  if (state.isLoading) return <Loading />
  if (state.data && !state.data.open) {
    return (
      <Door title={t('setup.closed')} text={t('setup.closed_text')}>
        <Button type="primary" block href="/login">
          {t('login.do')}
        </Button>
      </Door>
    )
  }
  const rules = [{ required: true, message: t('common:required') }]
  return (
    <Door title={t('setup.title')} text={t('setup.text')}>
      {!token && <Alert type="warning" title={t('setup.no_token')} showIcon />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => act.mutate(values)} style={{ marginTop: 16 }}>
        <Form.Item name="company" label={t('setup.company')} rules={rules}>
          <Input autoComplete="organization" autoFocus />
        </Form.Item>
        <Form.Item name="name" label={t('setup.name')} rules={rules}>
          <Input autoComplete="name" />
        </Form.Item>
        <Form.Item name="login" label={t('login.login')} rules={rules} extra={t('setup.login_help')}>
          <Input autoComplete="username" autoCapitalize="none" />
        </Form.Item>
        <NewPassword name="password" />
        <Button type="primary" htmlType="submit" block loading={act.isPending} disabled={!token}>
          {t('setup.do')}
        </Button>
      </Form>
    </Door>
  )
}
