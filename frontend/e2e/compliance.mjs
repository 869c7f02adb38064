// From a clause to the record that shows it, and what was missed put right, with an officer, a technician and an auditor.
import assert from 'node:assert/strict'
import { DESKTOP, logIn, PHONE } from './browser.mjs'
import { call, PASSWORD } from './server.mjs'

const CONTROLS = `[[control]]
id = "dispatch"
clause = "G3.3"
title = "故障 4 小时内派人"
en = "Somebody is sent within 4 hours"
template = "response"
when = { event = "ticket.created", where = 'kind = "fault"' }
then = { event = "ticket.dispatched" }
within = "PT4H"

[[control]]
id = "appraised"
clause = "G3.3"
title = "派人前先鉴定"
en = "Faults are appraised before somebody is sent"
template = "precedence"
when = { event = "ticket.dispatched" }
then = { event = "ticket.appraised" }
`

export async function compliance({ test, person, shot, state, server }) {
  const sit = async (login, viewport, language) => {
    const page = await person({ viewport, language })
    await logIn(page, login, PASSWORD)
    return page
  }

  await test('controls are tried on the log, proposed by one officer and approved by another', async () => {
    const { ready, assign, security, hq } = state.company
    for (const [name, login] of [
      ['郭敏', 'guo.min'],
      ['沈岩', 'shen.yan'],
    ])
      await assign(security.token, await ready(name, login, hq, '合规专员'), 'compliance_officer', 'all')
    const page = await sit('guo.min', DESKTOP, 'zh-CN')
    state.officer = page
    await page.goto('/compliance')
    await page.getByRole('link', { name: '提出制度' }).first().click()
    await page.getByRole('combobox', { name: '制度' }).click()
    await page.locator('.ant-select-item-option', { hasText: '集团信息化管理制度' }).click()
    const controls = page.getByRole('textbox', { name: '控制点（TOML）' })
    await controls.fill(CONTROLS.replace('ticket.dispatched', 'ticket.sent'))
    await page.getByRole('button', { name: '提交批准' }).click()
    await page.getByText('没有事件“ticket.sent”').first().waitFor()
    await shot(page, 'controls-refused')
    await controls.fill(CONTROLS)
    await page.getByRole('button', { name: '在日志上试算' }).click()
    await page.getByText(/条记录上会得到/).waitFor()
    await shot(page, 'controls-tried')
    await page.getByRole('button', { name: '提交批准' }).click()
    await page.waitForURL(/compliance\/regulations\/[0-9a-f-]{36}/)
    // Whoever proposed it does not approve it.
    await page.getByRole('heading', { level: 1, name: '集团信息化管理制度' }).waitFor()
    assert.equal(await page.getByRole('button', { name: /^批\s?准$/ }).isDisabled(), true)
    const other = await sit('shen.yan', PHONE, 'en')
    await other.goto(new URL(page.url()).pathname)
    await other.getByRole('button', { name: 'Approve' }).click()
    await other.getByRole('dialog').getByRole('button', { name: 'OK' }).click()
    await other.getByText('In force').first().waitFor()
    await shot(other, 'regulation-approved-phone')
    await other.context().close()
  })

  await test('an auditor follows a clause to its evidence and verifies the record in the browser', async () => {
    const { desk, it } = state.company
    const by = (method, path, body, headers) => call(server.base, desk.token, method, path, body, headers)
    const ticket = await by('POST', '/tickets', { title: '三楼交换机不亮', kind: 'fault' })
    await by('POST', `/tickets/${ticket.id}/transitions`, { action: 'dispatch', unit_id: it.id }, { 'if-match': `"${ticket.version}"` })
    const page = await sit('wu.shen', DESKTOP, 'zh-CN')
    state.auditor = page
    await page.goto('/compliance')
    await page
      .getByRole('link', { name: /集团信息化管理制度/ })
      .first()
      .click()
    await page.getByRole('link', { name: 'G3.3', exact: true }).click()
    const line = page.locator('.controls li').filter({ hasText: '故障 4 小时内派人' })
    await line.getByText(/按时 \d/).waitFor()
    await shot(page, 'clause')
    await line.getByRole('link', { name: '查看事项' }).click()
    await page.getByRole('row').filter({ hasText: '三楼交换机不亮' }).getByRole('button').click()
    const duty = page.getByRole('dialog', { name: '事项' })
    await duty.getByRole('link', { name: /派单|派工/ }).click()
    const record = page.getByRole('dialog')
    await record.getByRole('button', { name: '在浏览器中验证' }).click()
    await record.getByText('已验证').first().waitFor()
    await shot(page, 'evidence-verified')
  })

  await test('what was breached is assigned, corrected and verified by somebody else', async () => {
    const page = state.officer
    await page.goto('/compliance/obligations?unsettled=true')
    await page.getByRole('row').filter({ hasText: '三楼交换机不亮' }).getByRole('button').click()
    const duty = page.getByRole('dialog', { name: '事项' })
    await duty.getByRole('button', { name: '下达整改' }).click()
    const form = page.getByRole('dialog', { name: '下达整改' })
    await form.getByRole('combobox').fill('李强')
    await page.locator('.ant-select-item-option', { hasText: '李强' }).click()
    await form.getByRole('button', { name: /确\s?定/ }).click()
    await duty.getByText('整改中').waitFor()
    const one = new URL(page.url()).searchParams.get('one').replaceAll('"', '')
    const technician = await sit('li.qiang', PHONE, 'zh-CN')
    await technician.goto(`/compliance/obligations?mine=true&one=${one}`)
    await technician.getByRole('button', { name: '报告整改结果' }).click()
    const said = technician.getByRole('dialog', { name: '报告整改结果' })
    await said.getByLabel('原因').fill('现场直接更换')
    await said.getByLabel('整改措施').fill('今后先鉴定后派人')
    await said.getByRole('button', { name: /确\s?定/ }).click()
    await technician.getByText('待验证').first().waitFor()
    await shot(technician, 'corrected-phone')
    await technician.context().close()
    await page.reload()
    await duty.getByRole('button', { name: '验证整改' }).click()
    const words = page.getByRole('dialog', { name: '验证整改' })
    await words.getByLabel('如何验证').fill('抽查一周的工单')
    await words.getByRole('button', { name: /确\s?定/ }).click()
    await duty.getByText('已关闭').waitFor()
    await shot(page, 'finding-closed')
    state.duty = one
    state.regulation = (await call(server.base, state.admin, 'GET', '/regulations')).items[0].id
    await state.auditor.context().close()
    delete state.auditor
  })

  await test('a finding is handed to a process, and a clause is attested with what shows that it is kept', async () => {
    const { desk, it } = state.company
    await call(server.base, state.admin, 'POST', '/packs/group-it/install', { process_keys: ['finding-rectification'], publish: true })
    const by = (method, path, body, headers) => call(server.base, desk.token, method, path, body, headers)
    const ticket = await by('POST', '/tickets', { title: '五楼打印机卡纸', kind: 'fault' })
    await by('POST', `/tickets/${ticket.id}/transitions`, { action: 'dispatch', unit_id: it.id }, { 'if-match': `"${ticket.version}"` })
    const page = state.officer
    const row = page.getByRole('row').filter({ hasText: '五楼打印机卡纸' })
    for (let look = 0; look < 30 && (await row.count()) === 0; look++) {
      await page.goto('/compliance/obligations?unsettled=true')
      await page.getByRole('row').nth(1).waitFor()
    }
    await row.getByRole('button').click()
    await page.getByRole('dialog', { name: '事项' }).getByRole('button', { name: '发起整改流程' }).click()
    await page.waitForURL(/start\/[0-9a-f-]{36}\?finding=/)
    assert.match(await page.getByLabel('问题描述').inputValue(), /G3.3：派人前先鉴定（.*五楼打印机卡纸/)
    assert.equal(await page.getByRole('button', { name: '存草稿' }).count(), 0)
    await page.getByLabel('整改期限').fill('2036-12-10')
    await page.getByLabel('整改期限').press('Enter')
    await shot(page, 'finding-to-case')
    await page.getByRole('button', { name: /^提\s?交$/ }).click()
    await page.waitForURL(/cases\/[0-9a-f-]{36}/)
    await page.goto('/compliance/obligations?unsettled=true')
    await row.getByRole('button').click()
    await page.getByRole('dialog', { name: '事项' }).getByText('办理中').waitFor()
    await shot(page, 'finding-with-case')
    await page.goto(`/compliance/regulations/${state.regulation}/G3.3`)
    await page.getByRole('button', { name: '声明执行情况' }).click()
    const word = page.getByRole('dialog', { name: '声明执行情况' })
    await word.getByRole('textbox').fill('抽查 20 张工单，均先鉴定')
    await word.getByRole('button', { name: /确\s?定/ }).click()
    await word.getByText('请附上能证明该条款得到执行的文件').waitFor()
    await word
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: '抽查.txt', mimeType: 'text/plain', buffer: Buffer.from('20 / 20') })
    await word.getByText('抽查.txt').waitFor()
    await word.getByRole('button', { name: /确\s?定/ }).click()
    await page.locator('.files').getByText('抽查.txt').waitFor()
    await shot(page, 'clause-attested')
    await page.context().close()
    delete state.officer
  })

  await test('a new version shows what it changes, to who decides on it and to who has read the one before', async () => {
    const { desk } = state.company
    await call(server.base, desk.token, 'POST', `/regulations/${state.regulation}/acknowledge`, {})
    const officer = await call(server.base, null, 'POST', '/auth/login', { login: 'guo.min', password: PASSWORD })
    const body = { pack: 'group-it', controls: CONTROLS.replace('PT4H', 'PT8H') }
    const proposed = await call(server.base, officer.access_token, 'POST', '/regulations', body)
    const other = await sit('shen.yan', PHONE, 'en')
    await other.goto(`/compliance/regulations/${proposed.id}`)
    await other.locator('del', { hasText: '4 hours' }).waitFor()
    await other.locator('ins', { hasText: '8 hours' }).waitFor()
    await other.getByRole('button', { name: '1 control unchanged' }).click()
    await other.getByText('Faults are appraised before somebody is sent').waitFor()
    await shot(other, 'regulation-changes-phone')
    await other.getByRole('button', { name: 'Approve' }).click()
    await other.getByRole('dialog').getByRole('button', { name: 'OK' }).click()
    await other.getByText('In force').first().waitFor()
    await other.context().close()
    const reader = await sit('he.min', DESKTOP, 'zh-CN')
    await reader.goto('/regulations')
    await reader.getByText('已修订，待阅知').click()
    await reader.getByText('条款内容没有变化').waitFor()
    await reader.getByRole('link', { name: '与其他版本比较' }).click()
    await reader.getByRole('heading', { level: 1, name: '版本比较' }).waitFor()
    await reader.getByRole('combobox', { name: '原版本' }).waitFor()
    await shot(reader, 'versions-compared')
    await reader.context().close()
    state.regulation = proposed.id
  })
}
