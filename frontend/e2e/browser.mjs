// Chromium with what every test checks by the way: no console error, no outside host.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const OUT = fileURLToPath(new URL('./out/', import.meta.url))
mkdirSync(OUT, { recursive: true })

export const DESKTOP = { width: 1366, height: 800 }
export const PHONE = { width: 390, height: 844 }

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Somebody's browser. `problems` gathers what must not happen. */
export async function open(browser, base, { viewport = DESKTOP, language = 'zh-CN', theme = 'light', problems }) {
  const context = await browser.newContext({
    viewport,
    locale: language,
    colorScheme: theme,
    hasTouch: viewport.width < 500,
    baseURL: base,
  })
  await context.addInitScript(
    ([chosen, look]) => {
      localStorage.setItem('language', chosen)
      localStorage.setItem('theme', look)
    },
    [language, theme],
  )
  const page = await context.newPage()
  page.setDefaultTimeout(Number(process.env.E2E_TIMEOUT ?? 30_000))
  page.on('console', (message) => {
    // A refused request is reported by Chromium too; the tests look at refusals themselves.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) problems.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) problems.push(`outside host: ${request.url()}`)
  })
  return page
}

export async function logIn(page, login, password) {
  await page.goto('/login')
  await page.locator('#login').fill(login)
  await page.locator('#password').fill(password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL((url) => !url.pathname.startsWith('/login'))
}

/** Violations of WCAG A and AA on the page as it is, and whether it is wider than the window. */
export async function audit(page, name) {
  // The change feed never ends, so there is no idle network to wait for: what loads is waited for instead.
  await page.locator('h1').first().waitFor()
  await page.locator('.loading').first().waitFor({ state: 'detached' })
  await page.waitForTimeout(250)
  await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    const run = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
    const { violations } = await window.axe.run(document, run)
    const wide = document.scrollingElement.scrollWidth - innerWidth
    return {
      violations: violations.map(
        (one) =>
          `${one.id}: ${one.nodes
            .slice(0, 3)
            .map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
            .join(' | ')}`,
      ),
      wide,
    }
  })
  return [
    ...found.violations.map((text) => `${name}: ${text}`),
    ...(found.wide > 1 ? [`${name}: ${found.wide} px wider than the window`] : []),
  ]
}
