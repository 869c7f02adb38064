// Walks the main job in a real browser, then looks at every page in both languages, both themes and both widths.
import assert from 'node:assert/strict'
import { backups } from './backups.mjs'
import { audit, DESKTOP, launch, logIn, OUT, open, PHONE } from './browser.mjs'
import { compliance } from './compliance.mjs'
import { extractions } from './extractions.mjs'
import { packs } from './packs.mjs'
import { processes } from './processes.mjs'
import { reports } from './reports.mjs'
import { call, company, PASSWORD, startServer } from './server.mjs'

const state = {}
let passed = 0
let failed = 0
async function test(name, body) {
  const began = Date.now()
  try {
    await body()
    passed += 1
    console.log(`ok   ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
  } catch (error) {
    failed += 1
    for (const [who, page] of Object.entries(state))
      if (page?.screenshot) await shot(page, `failed-${failed}-${who}`).catch(() => undefined)
    console.log(`FAIL ${name}\n${error.stack ?? error}`)
  }
}

/** What a run of the packs alone (`PACKS_ONLY=1`) leaves out. */
const job = process.env.PACKS_ONLY ? async () => undefined : test

const server = await startServer()
const browser = await launch()
const problems = []
const person = (options = {}) => open(browser, server.base, { problems, ...options })
const shot = (page, name) => page.screenshot({ path: `${OUT}${name}.png`, animations: 'disabled' })

try {
  await test('the one-time link makes the first administrator', async () => {
    const page = await person()
    await page.goto(`/setup?token=${server.token}`)
    await page.locator('#company').fill('远山集团')
    await page.locator('#name').fill('陈立')
    await page.locator('#login').fill('chen.li')
    await page.locator('#password').fill(PASSWORD)
    await page.locator('#repeat').fill(PASSWORD)
    await shot(page, 'setup')
    await page.locator('button[type=submit]').click()
    await page.getByRole('heading', { name: /陈立/ }).waitFor()
    const session = await call(server.base, null, 'POST', '/auth/login', { login: 'chen.li', password: PASSWORD })
    state.admin = session.access_token
    state.company = await company(server.base, session.access_token)
    await page.context().close()
  })

  await job('a new employee changes the initial password before anything else, on a phone', async () => {
    const page = await person({ viewport: PHONE })
    const { employee } = state.company
    await logIn(page, employee.login, employee.initial)
    await page.waitForURL('**/password')
    await page.goto('/tickets')
    await page.waitForURL('**/password')
    await page.locator('#current_password').fill(employee.initial)
    await page.locator('#new_password').fill('password')
    await page.locator('#repeat').fill('password')
    await page.locator('button[type=submit]').click()
    await page.locator('.ant-form-item-explain-error').first().waitFor()
    await shot(page, 'password-refused')
    await page.locator('#new_password').fill(PASSWORD)
    await page.locator('#repeat').fill(PASSWORD)
    await page.locator('button[type=submit]').click()
    await page.getByRole('heading', { name: /王芳/ }).waitFor()
    await page.getByText('ThinkPad T14').first().waitFor()
    await shot(page, 'home-employee-phone')
    state.employee = page
  })

  await job('she scans the label and reports the fault with a sentence', async () => {
    const desk = await person({ language: 'en' })
    await logIn(desk, 'he.min', PASSWORD)
    await desk.goto('/tickets?state=new')
    await desk.getByText('No tickets match').waitFor()
    state.desk = desk
    const page = state.employee
    await page.goto(`/e/${state.company.laptop.label_code}`)
    await page.getByRole('button', { name: '报障' }).first().click()
    await page.locator('#title').fill('笔记本无法开机')
    await shot(page, 'report-phone')
    await page.getByRole('button', { name: '提交', exact: true }).click()
    await page.getByRole('heading', { name: '笔记本无法开机' }).waitFor()
    state.ticket = new URL(page.url()).pathname.split('/').pop()
    await shot(page, 'ticket-employee-phone')
  })

  await job('the desk sees it without reloading and dispatches it', async () => {
    const technician = await person()
    await logIn(technician, 'li.qiang', PASSWORD)
    await technician.getByText('没有分给您的工单').waitFor()
    state.technician = technician
    const page = state.desk
    await page.getByText('笔记本无法开机').first().click()
    await page.getByRole('button', { name: 'Dispatch', exact: true }).first().click()
    await page.locator('.ant-modal .ant-tree-select').click()
    await page.locator('.ant-select-tree-title', { hasText: '信息部' }).click()
    await page.locator('.ant-modal #assignee_id').fill('lq')
    await page.locator('.ant-select-item-option', { hasText: '李强' }).click()
    await shot(page, 'dispatch-desk')
    await page.locator('.ant-modal').getByRole('button', { name: 'Dispatch', exact: true }).click()
    await page.locator('aside').getByText('Dispatched', { exact: true }).first().waitFor()
    await shot(page, 'tickets-desk')
  })

  await job('the technician sees it at once, appraises it and sends it to a vendor', async () => {
    const page = state.technician
    await page.getByText('笔记本无法开机').first().click()
    await page.getByRole('button', { name: '开始处理' }).click()
    await page.getByText('处理中').first().waitFor()
    await page.getByText('现场记录', { exact: true }).first().click()
    await page.locator('#text').fill('现场检查：电源适配器正常，主板无供电')
    await page.getByRole('button', { name: '发送' }).click()
    await page.locator('.bubble', { hasText: '主板无供电' }).waitFor()
    assert.equal(await page.getByRole('button', { name: '送外维修' }).isDisabled(), true)
    await page.getByRole('button', { name: '填写鉴定' }).click()
    await page.locator('.ant-modal #cause').fill('主板供电电路损坏')
    await page.locator('.ant-modal').getByText('不能，需送外维修').click()
    await page.locator('.ant-modal #text').fill('需更换主板')
    await page.locator('.ant-modal').getByRole('button', { name: '填写鉴定' }).click()
    await page.getByText('主板供电电路损坏').first().waitFor()
    await page.getByRole('button', { name: '送外维修' }).click()
    await page.locator('.ant-modal #vendor').fill('联想授权服务站')
    await page.locator('.ant-modal').getByRole('button', { name: '送外维修' }).click()
    await page.getByText('外修中').first().waitFor()
    await shot(page, 'ticket-technician')
  })

  await job('it comes back, is resolved, and the reporter confirms', async () => {
    const page = state.technician
    await page.getByRole('button', { name: '登记返回' }).click()
    await page.locator('.ant-modal').getByText('是', { exact: true }).click()
    await page.locator('.ant-modal #text').fill('已更换主板，测试正常')
    await page.locator('.ant-modal').getByRole('button', { name: '登记返回' }).click()
    await page.getByRole('button', { name: '解决', exact: true }).click()
    await page.locator('.ant-modal #text').fill('更换主板后正常')
    await page.locator('.ant-modal').getByRole('button', { name: '解决', exact: true }).click()
    const reporter = state.employee
    await reporter.getByRole('button', { name: '确认关闭' }).click()
    await shot(reporter, 'confirm-phone')
    await reporter.locator('.ant-modal').getByRole('button', { name: '确认关闭' }).click()
    await reporter.getByText('已关闭').first().waitFor()
    const laptop = await call(server.base, state.company.keeper.token, 'GET', `/equipment/${state.company.laptop.id}`)
    assert.equal(laptop.state, 'in_use')
  })

  await job('the auditor filters the records of the ticket and saves them', async () => {
    const page = await person()
    await logIn(page, 'wu.shen', PASSWORD)
    await page.goto(`/records?subject_id=${state.ticket}`)
    await page.getByText('确认关闭').first().click()
    await page.getByText('规范字节').waitFor()
    await page.waitForTimeout(400)
    await shot(page, 'records')
    const saving = page.waitForEvent('download')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '导出' }).click()
    await page.getByText('CSV', { exact: true }).click()
    assert.match((await saving).suggestedFilename(), /^records-.*\.csv$/)
    await page.context().close()
  })

  await job('search goes anywhere by keyboard, with pinyin initials', async () => {
    const page = state.desk
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Number, name or pinyin initials' }).last().fill('bjb')
    await page.getByRole('option', { name: /笔记本无法开机/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/tickets/${state.ticket}`)
  })

  await job('an administrator imports people and takes the import back', async () => {
    const page = await person()
    await logIn(page, 'chen.li', PASSWORD)
    await page.goto('/org')
    await page.getByRole('button', { name: '导入人员' }).click()
    const dialog = page.getByRole('dialog', { name: '导入人员' })
    await dialog.getByRole('button', { name: '选择文件' }).waitFor()
    const sheet = '姓名,账号,部门\n欧阳春,ouyang.chun,SALES\n'
    await page.locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) })
    await page.getByText('新增 1，更新 0，无变化 0').waitFor()
    await page
      .locator('.ant-modal')
      .getByRole('button', { name: /^导\s*入$/ })
      .click()
    await page.getByText('最近的导入').waitFor()
    await shot(page, 'imports')
    await page
      .locator('.ant-modal')
      .getByRole('button', { name: /撤\s*销/ })
      .click()
    await page
      .locator('.ant-popover')
      .getByRole('button', { name: /撤\s*销/ })
      .click()
    await page.locator('.ant-modal-confirm-title', { hasText: '已撤销 1 项' }).waitFor()
    const left = await call(server.base, state.company.keeper.token, 'GET', '/people?q=ouyang.chun')
    assert.deepEqual(left.items, [])
    await page.context().close()
  })

  await job('a desk person needs no mouse, and may turn the letters off', async () => {
    const page = state.desk
    const help = page.getByRole('dialog', { name: 'Keys' })
    await page.goto('/tickets')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('tbody tr[data-row-key]').first().waitFor()
    await page.keyboard.press('j')
    await page.waitForURL(/ticket=/)
    await page.locator('[aria-keyshortcuts="c"]').waitFor()
    await page.keyboard.press('c')
    await page.keyboard.type('jx?')
    assert.equal(await page.locator('[aria-keyshortcuts="c"]').inputValue(), 'jx?')
    await page.locator('[aria-keyshortcuts="c"]').fill('')
    await page.locator('[aria-keyshortcuts="c"]').blur()
    await page.keyboard.press('?')
    await help.waitFor()
    await page.waitForTimeout(400)
    await shot(page, 'keys')
    await help.getByRole('switch').click()
    await help.getByRole('button', { name: 'Close' }).click()
    await help.waitFor({ state: 'hidden' })
    await page.keyboard.press('?')
    await page.keyboard.press('o')
    await page.waitForTimeout(300)
    assert.equal(await help.isVisible(), false)
    assert.match(page.url(), /tickets\?ticket=/)
    await page.getByRole('button', { name: /^Menu of/ }).click()
    await page.getByRole('menuitem', { name: 'Keys' }).click()
    await help.getByRole('switch').click()
    await help.getByRole('button', { name: 'Close' }).click()
    await help.waitFor({ state: 'hidden' })
    await page.keyboard.press('o')
    await page.waitForURL(/tickets\/[0-9a-f-]{36}/)
  })

  await processes({ test: job, person, shot, state, server })
  await packs({ test, person, shot, state, server })
  await compliance({ test: job, person, shot, state, server })
  await reports({ test: job, person, shot, state })
  await extractions({ test: job, person, shot, state })
  await backups({ test: job, person, shot, state, server })

  const id = () => state.ticket
  const routes = {
    chen: [
      '/',
      '/org',
      () => `/org/people/${state.company.technician.id}`,
      '/settings',
      '/settings?tab=levels',
      '/settings?tab=calendar',
      '/settings?tab=types',
      '/settings?tab=agents',
      '/settings?tab=webhooks',
      '/account',
      '/backups',
      '/backups?tab=runs',
      '/backups?tab=media',
      '/backups?tab=places',
      '/backups?tab=handovers',
      '/processes',
      () => `/processes/${state.process}`,
      () => `/processes/${state.process}?tab=statistics`,
      () => `/processes/${state.process}/design`,
      '/packs',
      '/packs/group-it',
      '/cases',
      () => `/cases?tab=all&item=${state.case}`,
    ],
    he: [
      '/',
      '/work',
      '/work?tab=done',
      '/work/settings',
      '/start',
      () => `/start/${state.process}`,
      () => `/datasets/${state.company.dataset.id}`,
      () => `/cases/${state.case}`,
      '/tickets',
      () => `/tickets?ticket=${id()}`,
      '/tickets/board',
      '/tickets/new',
      () => `/tickets/${id()}`,
    ],
    zhou: [
      '/equipment',
      '/equipment/new',
      '/equipment/scan',
      () => `/equipment/${state.company.laptop.id}`,
      () => `/equipment/${state.company.laptop.id}/edit`,
      () => `/equipment/labels?id=${state.company.laptop.id}`,
      () => `/e/${state.company.laptop.label_code}`,
      '/datasets',
      '/datasets?tab=grants',
      () => `/datasets/${state.company.dataset.id}`,
    ],
    wu: [
      '/records',
      () => `/datasets/${state.company.dataset.id}`,
      '/tickets',
      '/regulations',
      () => `/regulations/${state.regulation}`,
      () => `/regulations/${state.regulation}/comparison`,
      '/compliance',
      () => `/compliance/regulations/${state.regulation}`,
      () => `/compliance/regulations/${state.regulation}/G3.3`,
      '/compliance/obligations',
      '/compliance/controls/dispatch/sample?seed=1',
      () => `/compliance/obligations?one=${state.duty}`,
      '/compliance/waivers',
      '/compliance/coverage',
      '/reports',
      '/reports?tab=runs',
      '/reports?tab=plans',
      () => state.report,
      '/extractions',
    ],
    guo: ['/compliance/propose'],
    security: ['/roles', '/org'],
  }
  const logins = { chen: 'chen.li', he: 'he.min', zhou: 'zhou.jie', wu: 'wu.shen', guo: 'guo.min', security: 'security' }
  const looks = [
    { viewport: DESKTOP, language: 'zh-CN', theme: 'light' },
    { viewport: PHONE, language: 'zh-CN', theme: 'dark' },
    { viewport: DESKTOP, language: 'en', theme: 'dark' },
    { viewport: { width: 360, height: 740 }, language: 'en', theme: 'light' },
  ]
  for (const look of process.env.JOB_ONLY || process.env.PACKS_ONLY ? [] : looks) {
    const kind = `${look.viewport.width}-${look.language}-${look.theme}`
    await test(`every page is accessible and fits: ${kind}`, async () => {
      const found = []
      const door = await person(look)
      await door.goto('/login')
      found.push(...(await audit(door, `${kind} /login`)))
      await shot(door, `${kind}-login`)
      await door.context().close()
      for (const [who, paths] of Object.entries(routes)) {
        const page = await person(look)
        await logIn(page, logins[who], PASSWORD)
        for (const entry of paths) {
          const path = typeof entry === 'function' ? entry() : entry
          await page.goto(path)
          await page.locator('h1').first().waitFor()
          found.push(...(await audit(page, `${kind} ${path}`)))
          assert.equal(await page.locator('h1').count(), 1, `${path} has not one h1`)
          await shot(page, `${kind}-${who}${path.replace(/[^a-z]+/gi, '-').slice(0, 30)}`)
        }
        await page.context().close()
      }
      assert.deepEqual(found, [])
    })
  }

  await test('no console error, no outside host in all of this', async () => assert.deepEqual([...new Set(problems)], []))
} finally {
  await browser.close()
  server.stop()
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
