import i18n, { type BackendModule } from 'i18next'
import { initReactI18next } from 'react-i18next'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const bundles = import.meta.glob<Record<string, unknown>>(['./*/*.json', '../../features/*/i18n/*.json'], { import: 'default' })

/** `common` lies here; a feature's words lie with the feature and come with its first page. */
const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, namespace, done) => {
    const path = namespace === 'common' ? `./common/${language}.json` : `../../features/${namespace}/i18n/${language}.json`
    const load = bundles[path]
    if (!load) return done(new Error(`no words at ${path}`), false)
    load().then(
      (words) => done(null, words),
      (error) => done(error, false),
    )
  },
}

function first(): Language {
  const kept = globalThis.localStorage?.getItem('language')
  if (kept === 'en' || kept === 'zh-CN') return kept
  return globalThis.navigator?.language?.startsWith('en') ? 'en' : 'zh-CN'
}

i18n.on('languageChanged', (language) => {
  if (globalThis.document) document.documentElement.lang = language
})

void i18n
  .use(backend)
  .use(initReactI18next)
  .init({
    lng: first(),
    fallbackLng: false,
    ns: ['common'],
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    returnNull: false,
  })

export function setLanguage(language: Language) {
  localStorage.setItem('language', language)
  return i18n.changeLanguage(language)
}

export default i18n
