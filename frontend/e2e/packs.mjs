// The three processes that people use most, from the request to the end: several people each, on phones and desktops, in both languages.
import assert from 'node:assert/strict'
import { audit, DESKTOP, logIn, PHONE } from './browser.mjs'
import { call, PASSWORD } from './server.mjs'

const ZH = 'zh-CN'
const EN = 'en'
/** Words of the page that belong to no process. */
const WORDS = {
  [ZH]: { confirm: (name) => `确认${name}`, more: '更多', done: '已完成', send: '提交', required: '请填写', now: '当前进展' },
  [EN]: { confirm: (name) => `Confirm: ${name}`, more: 'More', done: 'Done', send: 'Send', required: 'Required', now: 'Where it is' },
}

/** This text and nothing else; a button of two Chinese characters has a gap between them. */
const only = (text, rest = '') =>
  new RegExp(`^\\s*${[...text].map((one) => one.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')).join('\\s?')}\\s*${rest}$`, 'u')

/** A day so many days from today, as it is typed. */
const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)

const PHOTO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

/** Somebody in front of a browser: what they see, and what they do, by the words on the page. */
function screen(page, language, phone) {
  const words = WORDS[language]
  const item = (label) => page.locator('.ant-form-item', { has: page.locator('label', { hasText: only(label) }) }).last()
  const fact = (label) => page.locator('.form-facts > div', { has: page.locator('dt', { hasText: only(label, '(·.*)?') }) })
  const here = page.locator('main')
  const option = (text) => page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: text })
  const press = (name) => page.getByRole('button', { name: only(name) }).click()
  const self = {
    page,
    press,
    async type(label, text) {
      await page.getByLabel(label, { exact: true }).fill(text)
    },
    async choose(label, text) {
      await page.getByRole('combobox', { name: label, exact: true }).click()
      await option(text).first().click()
    },
    async pick(label, text) {
      await page.getByRole('radiogroup', { name: label, exact: true }).getByText(text, { exact: true }).click()
    },
    async turnOn(label) {
      await page.getByRole('switch', { name: label, exact: true }).click()
    },
    async date(label, text) {
      await page.getByLabel(label, { exact: true }).fill(text)
      await page.keyboard.press('Enter')
    },
    /** Somebody, found by pinyin initials. */
    async find(label, initials, name) {
      await page.getByRole('combobox', { name: label, exact: true }).fill(initials)
      await option(name).first().click()
    },
    async unit(label, name) {
      await page.getByRole('combobox', { name: label, exact: true }).fill(name)
      await page.locator('.ant-select-tree-title:visible', { hasText: name }).first().click()
    },
    /** What is told of a field that one may only read. */
    async reads(values) {
      for (const [label, text] of Object.entries(values)) await fact(label).getByText(text).first().waitFor()
    },
    /** Fields that are not there at all, neither to be read nor to be written, on a form that has been shown. */
    async hides(labels) {
      await page.locator('.form-group').first().waitFor()
      for (const label of labels) {
        const seen = (await fact(label).count()) + (await page.locator('label', { hasText: only(label) }).count())
        assert.equal(seen, 0, `${label} is shown`)
      }
    },
    /** The page refuses these fields, each with the message beside it, and the first is in view. */
    async refused(labels) {
      for (const label of labels) await item(label).locator('.ant-form-item-explain-error', { hasText: words.required }).waitFor()
      const first = item(labels[0]).locator('.ant-form-item-explain-error').first()
      await page.waitForFunction(
        (one) => {
          const box = one.getBoundingClientRect()
          return document.elementsFromPoint(box.x + 4, box.y + box.height / 2)[0]?.closest('.ant-form-item-explain-error')
        },
        await first.elementHandle(),
      )
    },
    /** Finds a process among those that can be started. */
    async begin(name) {
      await page.goto('/start')
      await page.getByRole('link', { name }).first().click()
      await page.getByRole('heading', { name, exact: true }).waitFor()
      await page.locator('.form-group').first().waitFor()
    },
    async send() {
      await press(words.send)
      await page.waitForURL('**/cases/**')
      return new URL(page.url()).pathname.split('/').pop()
    },
    /** Opens what waits at a step, from the list of one's work. */
    async open(title, step, list) {
      await page.locator('a[href="/work"]:visible').first().click()
      if (list) await page.getByRole('tab', { name: list }).click()
      await page.locator('.work-line', { hasText: title }).filter({ hasText: step }).first().click()
      await page.locator('.page-header strong', { hasText: step }).waitFor()
    },
    dialog: (name) => page.getByRole('dialog', { name }),
    async decide(outcome, opinion) {
      const url = page.url()
      const says = page.locator('[aria-keyshortcuts=c]')
      if (!phone && opinion) await says.fill(opinion)
      await press(outcome)
      if (phone) {
        if (opinion) await says.fill(opinion)
        await press(words.confirm(outcome))
      }
      await page.waitForURL((now) => now.href !== url)
    },
    /** Chooses something besides deciding. */
    async act(name) {
      const near = page.locator('.decide').getByRole('button', { name: only(name) })
      if (!(await near.isVisible())) {
        await page
          .locator('.decide')
          .getByRole('button', { name: only(words.more) })
          .click()
        await page.getByRole('menuitem', { name, exact: true }).click()
      } else await near.click()
    },
    /** Where it is and who has it, on the page of the case as it stands open. */
    async at(step, who) {
      const now = page.locator('.section', { has: page.getByRole('heading', { name: words.now, exact: true }) })
      await now.locator('.seats li', { hasText: step }).filter({ hasText: who }).waitFor()
    },
    /** The story tells that somebody did something, in these words. */
    async story(who, ...texts) {
      let entry = here.locator('.timeline li', { hasText: who })
      for (const text of texts) entry = entry.filter({ hasText: text })
      await entry.first().waitFor()
    },
  }
  return self
}

export async function packs({ test, person, shot, state, server }) {
  const seated = new Map()
  /** Somebody at their own screen; who sits there already stays. */
  const sit = async (login, viewport, language) => {
    if (seated.has(login)) return seated.get(login)
    const page = await person({ viewport, language })
    state[login] = page
    await logIn(page, login, PASSWORD)
    seated.set(login, screen(page, language, viewport === PHONE))
    return seated.get(login)
  }
  const leave = async (...logins) => {
    for (const login of logins) {
      seated.delete(login)
      await state[login].context().close()
      delete state[login]
    }
  }
  /** Nothing on the page as it stands keeps anybody out, and it fits the window. */
  const fine = async (who, name) => {
    await who.page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
    const window = who.page.viewportSize()
    // As high as the page, for what has been scrolled under a bar halfway is not too small.
    await who.page.setViewportSize({ width: window.width, height: 4000 })
    assert.deepEqual(await audit(who.page, name), [])
    await who.page.setViewportSize(window)
  }

  await test('the regulation is installed on a page, and the roles that it needs are given to people', async () => {
    const { unit, ready, assign, security } = state.company
    const page = await person()
    state.packs = page
    await logIn(page, 'chen.li', PASSWORD)
    await page.goto('/packs')
    await page.getByRole('link', { name: /集团信息化管理制度/ }).click()
    await page.getByRole('button', { name: /^安装所选 26 个$/ }).click()
    await page.getByRole('dialog', { name: '安装结果' }).waitFor()
    await shot(page, 'pack-installed')
    await page.keyboard.press('Escape')
    await page.locator('.releases').getByText('已安装').nth(25).waitFor()
    assert.equal(await page.locator('.releases').getByText('未安装').count(), 0)
    assert.equal(await page.getByRole('button', { name: /^安装所选/ }).isDisabled(), true)
    await page.getByRole('tab', { name: '角色' }).click()
    await shot(page, 'pack-roles')
    await call(server.base, state.admin, 'POST', '/packs/quality/install', { publish: true })

    const making = await unit('生产部', 'MAKING')
    const office = await unit('总经理办公室', 'OFFICE')
    const information = await unit('信息中心', 'CENTRE')
    const quality = await unit('质检科', 'QC')
    const supply = await unit('供销科', 'SUPPLY')
    const staff = [
      ['丁勇', 'ding.yong', making, '车间主任'],
      ['叶青', 'ye.qing', making, '工艺工程师'],
      ['贾磊', 'jia.lei', making, '生产经理'],
      ['罗丹', 'luo.dan', information, '运营调度', 'operations'],
      ['马超', 'ma.chao', information, '维护工程师', 'technician'],
      ['郑涛', 'zheng.tao', information, '网络工程师', 'network_administrator'],
      ['江涛', 'jiang.tao', information, '信息中心主任', 'it_director'],
      ['林晓', 'lin.xiao', office, '采购员', 'purchaser'],
      ['郭红', 'guo.hong', office, '财务经理', 'finance'],
      ['钱伟', 'qian.wei', office, '副总经理', 'leader'],
      ['韩冰', 'han.bing', quality, '质检科长', 'quality_control'],
      ['冯磊', 'feng.lei', supply, '供销科长', 'supply_marketing'],
    ]
    const made = {}
    // Passwords take their time; they are made side by side.
    await Promise.all(staff.map(async ([name, login, where, title]) => (made[login] = await ready(name, login, where, title))))
    for (const [, login, , , role] of staff) if (role) await assign(security.token, made[login], role, 'all')
    // Two may accept goods, so whoever does takes it first.
    await assign(security.token, made['zheng.tao'], 'technician', 'all')
    const { version } = await call(server.base, state.admin, 'GET', `/org-units/${making.id}`)
    await call(
      server.base,
      state.admin,
      'PATCH',
      `/org-units/${making.id}`,
      { head_id: made['jia.lei'].id },
      { 'if-match': `"${version}"` },
    )
    await leave('packs')
  })

  await test('a fault is reported on a phone, appraised, sent back once, repaired outside and confirmed', async () => {
    const title = '报修：计算机（三号楼 302 车间办公室）'
    const reporter = await sit('ding.yong', PHONE, ZH)
    await reporter.begin('故障报修')
    await reporter.press('提交')
    await reporter.refused(['故障类别', '故障现象', '影响程度', '所在位置', '联系电话'])
    await shot(reporter.page, 'fault-refused')
    await reporter.choose('故障类别', '计算机')
    await reporter.type('故障现象', '按电源键没有反应，指示灯不亮，今早开机时闻到焦味')
    await reporter.pick('影响程度', '影响本人工作')
    await reporter.type('所在位置', '三号楼 302 车间办公室')
    await reporter.type('联系电话', '8302')
    await reporter.page.locator('input[type=file]').first().setInputFiles({ name: '主板.png', mimeType: 'image/png', buffer: PHOTO })
    await reporter.page.locator('.files li', { hasText: '主板.png' }).waitFor()
    await reporter.page.locator('.timeline li', { hasText: '运营部派工' }).filter({ hasText: '罗丹' }).waitFor()
    await shot(reporter.page, 'fault-filled')
    await fine(reporter, 'fault, form on the phone')
    state.fault = await reporter.send()
    await reporter.page.getByRole('heading', { name: title }).waitFor()
    await reporter.at('运营部派工', '罗丹')
    await shot(reporter.page, 'fault-case')

    const dispatcher = await sit('luo.dan', DESKTOP, EN)
    await dispatcher.open(title, 'Operations dispatches')
    await dispatcher.reads({ Category: 'Computer', Impact: 'One person', Telephone: '8302', Photographs: '主板.png' })
    await dispatcher.press('Submit')
    await dispatcher.refused(['Urgency', 'Assigned to'])
    await shot(dispatcher.page, 'fault-dispatch')
    await dispatcher.pick('Urgency', 'Urgent')
    await dispatcher.find('Assigned to', 'mc', '马超')
    await dispatcher.type('Remarks', 'Take a spare power supply along')
    await dispatcher.decide('Submit')
    await reporter.at('现场处理', '马超')

    const technician = await sit('ma.chao', PHONE, EN)
    await technician.open(title, 'Work on site')
    await technician.reads({ Urgency: 'Urgent', Remarks: 'Take a spare power supply along', 'Assigned to': '马超' })
    await shot(technician.page, 'fault-site')
    await technician.press('Cannot be repaired')
    await technician.refused(['Arrived at', 'What was done'])
    await shot(technician.page, 'fault-site-refused')
    await technician.date('Arrived at', `${day(0)} 10:20`)
    await technician.type('What was done', 'Power supply exchanged, mainboard still without power')
    await technician.decide('Cannot be repaired', 'The mainboard is burnt, there is no spare one')
    await reporter.at('出具鉴定结果', '罗丹')

    await dispatcher.open(title, 'Appraise')
    await dispatcher.reads({ 'What was done': 'mainboard still without power' })
    await dispatcher.type('Cause', 'Power circuit of the mainboard burnt')
    await dispatcher.type('Result of the appraisal', 'Needs a new mainboard')
    await dispatcher.pick('Advice', 'External repair')
    await dispatcher.type('Estimated cost', '800')
    await fine(dispatcher, 'fault, appraisal on the desktop')
    await dispatcher.decide('Submit')
    await reporter.at('批准送外维修', '江涛')

    const director = await sit('jiang.tao', DESKTOP, ZH)
    await director.open(title, '批准送外维修')
    await director.reads({ 处理意见: '送外维修', 预计维修费用: '¥ 800.00', 故障原因: 'Power circuit' })
    await director.act('退回')
    await director.page.getByRole('dialog', { name: '退回' }).getByText('出具鉴定结果').click()
    await director.page.getByRole('dialog', { name: '退回' }).getByText('直接回到我这里').click()
    await director.page.getByRole('dialog', { name: '退回' }).getByLabel('退回原因').fill('请附两家维修单位的报价')
    await shot(director.page, 'fault-return')
    await director.page
      .getByRole('dialog', { name: '退回' })
      .getByRole('button', { name: only('退回') })
      .click()
    await reporter.at('出具鉴定结果', '罗丹')
    await dispatcher.open(title, 'Appraise')
    await dispatcher.page.getByRole('alert').filter({ hasText: 'Returned by 江涛' }).filter({ hasText: '请附两家维修单位的报价' }).waitFor()
    await shot(dispatcher.page, 'fault-returned')
    await dispatcher.type('Estimated cost', '760')
    await dispatcher.decide('Submit', 'Two offers: 760 and 820')
    await director.open(title, '批准送外维修')
    await director.reads({ 预计维修费用: '¥ 760.00' })
    await director.decide('同意', '按较低报价送修')
    await reporter.at('清除数据并送修', '马超')

    await technician.open(title, 'Remove data and send')
    await technician.type('Repairer', '联想授权服务站')
    // Half of it is kept for later, on a phone too.
    const kept = technician.page.waitForResponse((answer) => answer.url().endsWith('/transitions') && answer.ok())
    await technician.act('Save')
    await kept
    await technician.page.reload()
    assert.equal(await technician.page.getByLabel('Repairer', { exact: true }).inputValue(), '联想授权服务站')
    await technician.date('Sent on', day(0))
    await technician.date('Expected back', day(7))
    await technician.press('Submit')
    await technician.refused(['Data removed before leaving'])
    await shot(technician.page, 'fault-send-refused')
    await technician.turnOn('Data removed before leaving')
    await technician.decide('Submit')
    await technician.open(title, 'Check on return')
    await technician.date('Returned on', day(6))
    await technician.pick('Result', 'Repaired')
    await technician.type('Actual cost', '760')
    await technician.pick('Scanned for viruses on return', 'Yes')
    await shot(technician.page, 'fault-back')
    await technician.decide('Submit')

    await reporter.at('报修人确认', '丁勇')
    await reporter.page.getByRole('button', { name: '去办理' }).click()
    await reporter.reads({ 维修单位: '联想授权服务站', 维修结果: '已修好', 实际维修费用: '¥ 760.00' })
    await reporter.pick('满意度', '满意')
    await shot(reporter.page, 'fault-confirm')
    await reporter.decide('已恢复正常', '已能正常使用，谢谢')
    await reporter.page.goto(`/cases/${state.fault}`)
    await reporter.page.getByText('已办结').first().waitFor()
    await reporter.story('江涛', '同意', '按较低报价送修')
    await reporter.story('马超', '无法修复', 'The mainboard is burnt')
    await shot(reporter.page, 'fault-end')

    await dispatcher.page.goto(`/cases/${state.fault}`)
    await dispatcher.page.getByText('Completed').first().waitFor()
    await dispatcher.story('丁勇', 'Works again', '已能正常使用')
    await dispatcher.reads({ Satisfaction: 'Satisfied' })
    await shot(dispatcher.page, 'fault-end-desktop')
    await leave('ding.yong', 'luo.dan')
  })

  await test('a purchase is sent back for a specification, advised, signed by finance too, ordered, accepted and registered', async () => {
    const title = '采购：计算机（新增两名工艺工程师的办公设备）'
    const requester = await sit('ye.qing', PHONE, ZH)
    await requester.begin('采购申请')
    await requester.press('提交')
    await requester.refused(['申请部门', '采购类别', '采购事由'])
    await requester.page.locator('.form-rows .ant-form-item-explain-error', { hasText: '至少 1 行' }).waitFor()
    await requester.unit('申请部门', '生产部')
    await requester.choose('采购类别', '计算机')
    await requester.type('采购事由', '新增两名工艺工程师的办公设备')
    for (const [at, name, what, count, amount] of [
      [1, '移动工作站', '14 英寸，内存不低于 32 GB', '2', '24000'],
      [2, '激光打印机', 'A4', '1', '2500'],
    ]) {
      await requester.page.getByRole('button', { name: '添加一行' }).click()
      await requester.type(`名称 ${at}`, name)
      await requester.type(`规格要求 ${at}`, what)
      await requester.type(`数量 ${at}`, count)
      await requester.type(`预估金额 ${at}`, amount)
    }
    await requester.reads({ 预估总额: '¥ 26,500.00' })
    await requester.date('希望到货日期', day(20))
    await requester.page.locator('.timeline li', { hasText: '部门负责人审批' }).filter({ hasText: '贾磊' }).waitFor()
    await shot(requester.page, 'purchase-filled')
    await fine(requester, 'purchase, form on the phone')
    state.purchase = await requester.send()
    await requester.at('部门负责人审批', '贾磊')

    const head = await sit('jia.lei', DESKTOP, ZH)
    await head.open(title, '部门负责人审批')
    await head.reads({ 申请部门: '生产部', 预估总额: '¥ 26,500.00' })
    await head.page.locator('.form-table tr', { hasText: '激光打印机' }).getByText('¥ 2,500.00').waitFor()
    await shot(head.page, 'purchase-head')
    await head.act('退回')
    await head
      .dialog('退回')
      .getByRole('button', { name: only('退回') })
      .click()
    await head.dialog('退回').locator('.ant-form-item-explain-error', { hasText: '请填写' }).waitFor()
    await head.dialog('退回').getByText('填写采购申请').click()
    await head.dialog('退回').getByLabel('退回原因').fill('请写明打印机是否双面打印')
    await head
      .dialog('退回')
      .getByRole('button', { name: only('退回') })
      .click()
    await requester.at('填写采购申请', '叶青')
    await requester.open(title, '填写采购申请')
    await requester.page.getByRole('alert').filter({ hasText: '由贾磊退回' }).filter({ hasText: '请写明打印机是否双面打印' }).waitFor()
    await shot(requester.page, 'purchase-returned')
    await requester.type('规格要求 2', 'A4，自动双面打印')
    await requester.decide('提交', '已补充打印机规格')
    await requester.page.goto(`/cases/${state.purchase}`)
    await head.open(title, '部门负责人审批')
    await head.page.locator('.form-table tr', { hasText: '激光打印机' }).getByText('自动双面打印').waitFor()
    await head.story('叶青', '提交', '已补充打印机规格')
    await head.decide('同意', '同意，请信息中心核价')
    await requester.at('信息中心询价并提出建议', '郑涛')

    const adviser = await sit('zheng.tao', DESKTOP, EN)
    await adviser.open(title, 'Information centre collects prices and advises')
    await adviser.reads({ 'Estimated total': '¥ 26,500.00', Category: 'Computer' })
    await adviser.press('Submit')
    await adviser.refused(['Meets the configuration standard', 'Assessed amount', 'Advice'])
    await adviser.page.locator('.form-rows .ant-form-item-explain-error', { hasText: 'Rows needed: 1' }).waitFor()
    await adviser.pick('Meets the configuration standard', 'Yes')
    for (const [at, vendor, model, price] of [
      [1, '联想直营店', 'ThinkPad P14s', '11700'],
      [2, '惠普经销商', 'ZBook 14', '12150'],
    ]) {
      await adviser.page.getByRole('button', { name: 'Add a row' }).click()
      await adviser.type(`Vendor ${at}`, vendor)
      await adviser.type(`Make and model ${at}`, model)
      await adviser.type(`Unit price ${at}`, price)
      await adviser.date(`Date of the price ${at}`, day(-3))
    }
    await adviser.type('Assessed amount', '25800')
    await adviser.type('Advice', 'Meets the standard of the post; buy from the cheapest vendor')
    await shot(adviser.page, 'purchase-advice')
    await fine(adviser, 'purchase, rows on the desktop')
    await adviser.decide('Submit')
    await requester.at('信息中心主任审批', '江涛')
    await requester.hides(['核定金额', '市场询价', '采购建议', '审批级别'])

    const director = await sit('jiang.tao', DESKTOP, ZH)
    await director.open(title, '信息中心主任审批')
    await director.reads({ 审批级别: '分管领导', 核定金额: '¥ 25,800.00' })
    await director.act('加签')
    const signers = director.dialog('加签')
    await signers.getByRole('combobox', { name: '加签人' }).fill('gh')
    await director.page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: '郭红' }).click()
    await signers.getByLabel('说明').fill('是否在预算之内？')
    await shot(director.page, 'purchase-add-signer')
    await signers.getByRole('button', { name: only('加签') }).click()
    await signers.waitFor({ state: 'hidden' })
    await director.page.locator('.page-header', { hasText: '信息中心主任审批' }).getByText('未轮到').waitFor()
    assert.equal(await director.page.getByRole('button', { name: only('同意') }).count(), 0)
    await shot(director.page, 'purchase-waits')
    const finance = await sit('guo.hong', PHONE, ZH)
    await finance.open(title, '信息中心主任审批')
    await finance.reads({ 核定金额: '¥ 25,800.00', 审批级别: '分管领导' })
    await finance.story('江涛', '加签', '在我之前', '是否在预算之内？')
    await shot(finance.page, 'purchase-signer')
    await fine(finance, 'purchase, signer on the phone')
    await finance.decide('同意', '在本年度预算之内')
    await director.open(title, '信息中心主任审批')
    await director.page.locator('.seats li', { hasText: '郭红' }).getByText('同意').waitFor()
    await shot(director.page, 'purchase-signed')
    await director.decide('同意', '确有需要，且在预算之内')

    const leader = await sit('qian.wei', PHONE, EN)
    await leader.open(title, 'Leader in charge approves')
    await leader.reads({ 'Level of approval': 'Leader in charge', 'Estimated total': '¥ 26,500.00' })
    await leader.story('郭红', 'Agreed', '在本年度预算之内')
    await leader.story('江涛', 'Agreed', '确有需要，且在预算之内')
    await shot(leader.page, 'purchase-leader')
    await leader.decide('Agree')

    const buyer = await sit('lin.xiao', DESKTOP, EN)
    await buyer.open(title, 'Conclude the contract and order')
    await buyer.reads({ 'Assessed amount': '¥ 25,800.00', 'Meets the configuration standard': 'Yes' })
    await buyer.type('Vendor', '联想直营店')
    await buyer.type('Contract number', 'HT-2026-118')
    await buyer.type('Price agreed', '25700')
    await buyer.date('Delivery expected', day(10))
    await buyer.decide('Submit')
    await requester.at('到货验收', '')

    const technician = await sit('ma.chao', PHONE, EN)
    await technician.open(title, 'Acceptance of the goods', 'To take')
    await shot(technician.page, 'purchase-claim')
    await technician.press('Take')
    await requester.at('到货验收', '马超')
    await technician.press('Submit')
    await technician.refused(['Delivered on', 'Undamaged', 'Works when switched on', 'Result'])
    await technician.date('Delivered on', day(9))
    for (const what of ['Undamaged', 'Model and quantity as ordered', 'Works when switched on', 'Papers complete'])
      await technician.pick(what, 'Yes')
    await technician.pick('Result', 'Accepted')
    await shot(technician.page, 'purchase-acceptance')
    await technician.decide('Submit', 'All three switched on and tested')

    const keeper = await sit('zhou.jie', DESKTOP, ZH)
    await keeper.open(title, '登记入账并贴标签')
    await keeper.reads({ 验收结论: '合格', 成交金额: '¥ 25,700.00', 外观包装完好: '是' })
    await keeper.type('登记数量', '3')
    await keeper.type('资产编号', 'PC-0301\nPC-0302\nPR-0088')
    await shot(keeper.page, 'purchase-register')
    await keeper.decide('提交')

    await requester.at('领用签收', '叶青')
    await requester.page.getByRole('button', { name: '去办理' }).click()
    await requester.reads({ 资产编号: 'PR-0088', 成交金额: '¥ 25,700.00', 供应商名称: '联想直营店' })
    await shot(requester.page, 'purchase-receive')
    await requester.decide('提交', '三台设备已领用')
    await requester.page.goto(`/cases/${state.purchase}`)
    await requester.page.getByText('已办结').first().waitFor()
    await requester.story('马超', '提交', 'All three switched on and tested')
    await requester.story('贾磊', '退回', '请写明打印机是否双面打印')
    await shot(requester.page, 'purchase-end')

    await head.page.goto(`/cases/${state.purchase}`)
    await head.reads({ 预估总额: '¥ 26,500.00' })
    await head.page.getByText('已办结').first().waitFor()
    await head.hides(['核定金额', '市场询价', '成交金额', '资产编号'])
    await shot(head.page, 'purchase-end-head')
    await leave('ye.qing', 'zheng.tao', 'jiang.tao', 'guo.hong', 'lin.xiao', 'ma.chao', 'zhou.jie')
  })

  await test('a quality complaint is verified, disputed, answered twice until the effect is right, and closed', async () => {
    const title = '质量反馈：Y2 系列电机（性能）'
    const leader = await sit('qian.wei', PHONE, EN)
    await leader.page.goto('/start')
    await leader.page.getByRole('link', { name: 'Purchase request' }).first().waitFor()
    assert.equal(await leader.page.getByRole('link', { name: 'Quality feedback' }).count(), 0)
    await shot(leader.page, 'start-english')

    const reporter = await sit('feng.lei', DESKTOP, EN)
    await reporter.begin('Quality feedback')
    await reporter.press('Send')
    await reporter.refused(['Source', 'Product', 'Model', 'Happened on', 'Defect', 'Severity', 'Quantity', 'Description'])
    await reporter.choose('Source', 'Complaint')
    await reporter.type('Customer', '华东机电有限公司')
    await reporter.type('Product', 'Y2 系列电机')
    await reporter.type('Model', 'Y2-132M-4')
    await reporter.type('Batch', '20261018')
    await reporter.date('Happened on', day(-6))
    await reporter.choose('Defect', 'Performance')
    await reporter.pick('Severity', 'Major')
    await reporter.type('Quantity', '12')
    await reporter.type('Description', 'Too hot after half an hour of running')
    await shot(reporter.page, 'quality-filled')
    await fine(reporter, 'quality, form on the desktop')
    state.quality = await reporter.send()
    await reporter.page.getByRole('heading', { name: title }).waitFor()
    await reporter.at('Quality control verifies', '韩冰')

    const inspector = await sit('han.bing', PHONE, ZH)
    await inspector.open(title, '质检科调查核实')
    await inspector.reads({ 信息来源: '用户投诉', 反馈用户: '华东机电有限公司', 涉及数量: '12' })
    await inspector.pick('核实结论', '不属实')
    await inspector.hides(['责任部门', '处理期限'])
    await inspector.pick('核实结论', '属实')
    await inspector.type('核实说明', '抽检 5 台，3 台温升超标')
    await inspector.unit('责任部门', '生产部')
    await inspector.date('处理期限', day(14))
    await shot(inspector.page, 'quality-verified')
    await fine(inspector, 'quality, verification on the phone')
    await inspector.decide('提交')
    await reporter.at('Unit accepts', '贾磊')

    const owner = await sit('jia.lei', DESKTOP, ZH)
    await owner.open(title, '责任部门认领')
    await owner.reads({ 核实结论: '属实', 核实说明: '3 台温升超标', 责任部门: '生产部' })
    await owner.type('争议理由', '绝缘漆来料不合格')
    await shot(owner.page, 'quality-dispute')
    await owner.decide('提出争议')
    await leader.open(title, 'Leader rules')
    await leader.reads({ Objection: '绝缘漆来料不合格' })
    await leader.press('Uphold')
    await leader.refused(['Ruling'])
    await shot(leader.page, 'quality-ruling-refused')
    await leader.type('Ruling', 'The varnish passed its inspection, the unit is responsible')
    await fine(leader, 'quality, ruling on the phone')
    await leader.decide('Uphold')

    await owner.open(title, '填写信息记录单')
    await owner.reads({ 裁定意见: 'the unit is responsible' })
    await owner.press('提交')
    await owner.refused(['原因分析', '处置措施', '纠正措施', '措施完成日期', '措施责任人'])
    await shot(owner.page, 'quality-record-refused')
    await owner.type('原因分析', '绕组浸漆不足')
    await owner.type('处置措施', '同批次库存隔离返工')
    await owner.type('纠正措施', '修订浸漆工艺参数')
    await owner.date('措施完成日期', day(5))
    await owner.find('措施责任人', 'yq', '叶青')
    await shot(owner.page, 'quality-record')
    await owner.decide('提交')
    await reporter.at('Quality control checks the effect', '韩冰')
    await reporter.hides(['Cause', 'Corrective action', 'Reason', 'Objection'])

    await inspector.open(title, '质检科验证效果')
    await inspector.reads({ 原因分析: '绕组浸漆不足', 措施责任人: '叶青' })
    await inspector.pick('验证结论', '无效')
    await inspector.type('验证说明', '返工后仍有 1 台超标')
    await inspector.decide('提交')
    await owner.open(title, '填写信息记录单')
    await owner.reads({ 验证结论: '无效', 验证说明: '返工后仍有 1 台超标' })
    assert.equal(await owner.page.getByLabel('原因分析', { exact: true }).inputValue(), '绕组浸漆不足')
    await owner.type('纠正措施', '修订浸漆工艺参数，增加首件检验')
    await owner.decide('提交')
    await inspector.open(title, '质检科验证效果')
    await inspector.reads({ 纠正措施: '增加首件检验' })
    await inspector.pick('验证结论', '有效')
    await inspector.type('验证说明', '连续三批合格')
    await shot(inspector.page, 'quality-effect')
    await inspector.decide('提交')

    await reporter.at('Answer the customer', '冯磊')
    await reporter.page.getByRole('button', { name: 'Open', exact: true }).click()
    await reporter.reads({ Cause: '绕组浸漆不足', 'Result of the check': 'Effective' })
    await reporter.type('Answer to the customer', 'Twelve motors exchanged, the cause explained')
    await shot(reporter.page, 'quality-reply')
    await reporter.decide('Submit')
    await inspector.open(title, '结案归档')
    await inspector.press('提交')
    await inspector.refused(['档案编号'])
    await inspector.type('档案编号', 'ZL-2026-018')
    await inspector.decide('提交')
    await inspector.page.goto(`/cases/${state.quality}`)
    await inspector.page.getByText('已办结').first().waitFor()
    await inspector.reads({ 档案编号: 'ZL-2026-018', 答复用户情况: 'Twelve motors exchanged' })
    await inspector.story('贾磊', '提出争议')
    await inspector.story('钱伟', '维持原责任部门')
    await shot(inspector.page, 'quality-end')

    await leader.page.goto(`/cases/${state.quality}`)
    await leader.page.getByText('Completed').first().waitFor()
    await leader.reads({ Ruling: 'the unit is responsible' })
    await leader.hides(['Cause', 'Corrective action', 'Result of the check', 'File number'])
    await shot(leader.page, 'quality-end-leader')
    await leave('jia.lei', 'feng.lei', 'han.bing', 'qian.wei')
  })
}
