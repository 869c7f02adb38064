import {
  BulbOutlined,
  KeyOutlined,
  LogoutOutlined,
  MenuOutlined,
  PlusOutlined,
  QrcodeOutlined,
  SearchOutlined,
  TranslationOutlined,
  UserOutlined,
} from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Button, Drawer, Dropdown, Layout, Menu } from 'antd'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/shared/api/client'
import { end } from '@/shared/api/session'
import { setTheme, theme } from '@/shared/dark'
import { setLanguage } from '@/shared/i18n'
import { holds, useMe } from '@/shared/me'
import { Loading, usePhone } from '@/shared/ui/layout'
import { PLACES, type Place } from './navigation'
import { Shortcuts } from './Shortcuts'
import { Waiting } from './Waiting'

const Bell = lazy(() => import('./Bell'))
const Palette = lazy(() => import('./Palette'))

/** The frame around every page. */
export function Shell() {
  const { t } = useTranslation()
  const me = useMe()
  const phone = usePhone()
  const [menu, setMenu] = useState(false)
  const [palette, setPalette] = useState(false)
  const [shortcuts, setShortcuts] = useState(false)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const places = PLACES.filter((place) => place.needs.length === 0 || place.needs.some((permission) => holds(me, permission)))
  const here = [...places].reverse().find((place) => place.to === path || (place.to !== '/' && path.startsWith(place.to)))
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault()
        setPalette(true)
      }
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  }, [])
  useEffect(() => {
    document.title = here ? `${t(here.word)} · ${t('brand')}` : t('brand')
  }, [here, t])
  const list = (
    <nav aria-label={t('nav.title')}>
      <Menu
        mode="inline"
        selectedKeys={here ? [here.to] : []}
        style={{ border: 0, background: 'transparent' }}
        items={places.map((place) => ({
          key: place.to,
          icon: place.icon,
          label: (
            <Link to={place.to} onClick={() => setMenu(false)}>
              {t(place.word)}
              {place.to === '/work' && <Waiting />}
            </Link>
          ),
        }))}
      />
    </nav>
  )
  return (
    <Layout style={{ minHeight: '100dvh' }}>
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <Layout.Header
        style={{
          background: 'var(--ant-color-bg-container)',
          position: 'sticky',
          top: 0,
          zIndex: 10,
          display: 'flex',
          gap: 8,
          alignItems: 'center',
        }}
      >
        {phone && <Button type="text" aria-label={t('nav.menu')} icon={<MenuOutlined />} onClick={() => setMenu(true)} />}
        <Link to="/" className="brand">
          <img src="/favicon.svg" alt="" />
          {t('brand')}
        </Link>
        <div className="grow" />
        <Button
          icon={<SearchOutlined />}
          type={phone ? 'text' : 'default'}
          aria-label={phone ? t('palette.open') : undefined}
          onClick={() => setPalette(true)}
        >
          {phone ? null : (
            <>
              {t('palette.open')} <span className="faint">Ctrl K</span>
            </>
          )}
        </Button>
        {!phone && <Create />}
        {holds(me, 'processes.use') && (
          <Suspense fallback={null}>
            <Bell />
          </Suspense>
        )}
        <Self showKeys={() => setShortcuts(true)} />
      </Layout.Header>
      <Layout>
        {!phone && (
          <Layout.Sider theme="light" width={184} breakpoint="lg" collapsedWidth={56} style={{ background: 'transparent', paddingTop: 8 }}>
            {list}
          </Layout.Sider>
        )}
        <Layout.Content id="content" tabIndex={-1} className="page" style={{ outline: 'none' }}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Layout.Content>
      </Layout>
      {phone && <TabBar places={places} here={here} />}
      <Drawer open={menu} onClose={() => setMenu(false)} placement="left" size={260} title={t('brand')}>
        {list}
      </Drawer>
      <Shortcuts open={shortcuts} show={setShortcuts} />
      {palette && (
        <Suspense fallback={null}>
          <Palette close={() => setPalette(false)} places={places} />
        </Suspense>
      )}
    </Layout>
  )
}

function TabBar({ places, here }: { places: Place[]; here: Place | undefined }) {
  const { t } = useTranslation()
  const shown = places.filter((place) => ['/', '/work', '/start', '/tickets'].includes(place.to))
  return (
    <nav className="tabbar" aria-label={t('nav.quick')}>
      {shown.map((place) => (
        <Link key={place.to} to={place.to} aria-current={here === place ? 'page' : undefined}>
          {place.icon}
          <span>
            {t(place.word)}
            {place.to === '/work' && <Waiting />}
          </span>
        </Link>
      ))}
      <Link to="/equipment/scan">
        <QrcodeOutlined />
        {t('nav.scan')}
      </Link>
    </nav>
  )
}

function Create() {
  const { t } = useTranslation()
  const me = useMe()
  const go = useNavigate()
  const items = [
    { key: '/start', label: t('create.case'), needs: 'processes.use' as const },
    { key: '/tickets/new', label: t('create.ticket'), needs: 'tickets.report' as const },
    { key: '/equipment/new', label: t('create.equipment'), needs: 'equipment.manage' as const },
  ].filter((item) => holds(me, item.needs))
  if (items.length === 0) return null
  return (
    <Dropdown menu={{ items: items.map(({ key, label }) => ({ key, label })), onClick: ({ key }) => go({ to: key }) }} trigger={['click']}>
      <Button type="primary" icon={<PlusOutlined />}>
        {t('create.title')}
      </Button>
    </Dropdown>
  )
}

/** Language, theme, account, log-out. Both settings are kept with the person, so that another device knows them. */
function Self({ showKeys }: { showKeys: () => void }) {
  const { t, i18n } = useTranslation()
  const me = useMe()
  const go = useNavigate()
  const phone = usePhone()
  const client = useQueryClient()
  const keep = async (body: { language?: 'zh-CN' | 'en'; theme?: 'light' | 'dark' | 'system' }) => {
    if (body.language) await setLanguage(body.language)
    if (body.theme) setTheme(body.theme)
    await api.PATCH('/api/v1/me', { params: { header: { 'If-Match': `"${me.version}"` } }, body })
    await client.invalidateQueries({ queryKey: ['me'] })
  }
  const leave = async () => {
    await api.POST('/api/v1/auth/logout')
    client.clear()
    end()
    await go({ to: '/login' })
  }
  const themes = (['light', 'dark', 'system'] as const).map((name) => ({ key: `theme:${name}`, label: t(`theme.${name}`) }))
  const items = [
    { key: '/account', icon: <UserOutlined />, label: t('self.account') },
    { key: 'language', icon: <TranslationOutlined />, label: i18n.language === 'en' ? '中文' : 'English' },
    { key: 'theme', icon: <BulbOutlined />, label: t('self.theme'), children: themes },
    ...(phone ? [] : [{ key: 'keys', icon: <KeyOutlined />, label: t('keys.title') }]),
    { type: 'divider' as const },
    { key: 'leave', icon: <LogoutOutlined />, label: t('self.leave') },
  ]
  const chosen = ({ key }: { key: string }) => {
    if (key === 'leave') void leave()
    else if (key === 'keys') showKeys()
    else if (key === 'language') void keep({ language: i18n.language === 'en' ? 'zh-CN' : 'en' })
    else if (key.startsWith('theme:')) void keep({ theme: key.slice(6) as 'light' | 'dark' | 'system' })
    else void go({ to: key })
  }
  return (
    <Dropdown menu={{ items, onClick: chosen, selectedKeys: [`theme:${theme()}`] }} trigger={['click']}>
      <Button type="text" icon={<UserOutlined />} aria-label={t('self.menu', { name: me.name })}>
        {phone ? null : me.name}
      </Button>
    </Dropdown>
  )
}
