// The job of processes: drawn, found faulty, corrected, published, started, and approved on a phone.
import { logIn, PHONE } from './browser.mjs'
import { call, PASSWORD } from './server.mjs'

/** Chooses in one of the lists beside the drawing, by keyboard. */
async function choose(page, list, name) {
  await page.getByRole('combobox', { name: list }).fill(name)
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: name }).first().click()
  await page.waitForTimeout(250)
}

async function name(page, text) {
  await page.keyboard.press('Escape')
  await page.getByLabel('名称', { exact: true }).fill(text)
  await page.getByLabel('名称', { exact: true }).blur()
}

export async function processes({ test, person, shot, state, server }) {
  await test('a person draws a process, sees where it would wait for ever, corrects it and publishes it', async () => {
    const page = await person()
    state.designer = page
    await logIn(page, 'chen.li', PASSWORD)
    await page.goto('/processes')
    await page.getByRole('button', { name: '新建流程' }).click()
    await page.locator('#name').fill('用章申请')
    await page.locator('#key').fill('seal')
    await page.getByRole('button', { name: '新建并设计' }).click()
    await page.waitForURL('**/design')
    state.process = new URL(page.url()).pathname.split('/').at(-2)
    await page.getByText('可以发布', { exact: true }).waitFor()

    await choose(page, '选择图元', '结束')
    await page.getByRole('button', { name: '删除结束' }).click()
    await choose(page, '选择图元', '部门负责人审批')
    await choose(page, '后接…', '条件分支')
    await name(page, '金额')
    await choose(page, '后接…', '人工办理')
    await name(page, '财务审核')
    await choose(page, '后接…', '并行分支')
    await name(page, '汇合')
    await choose(page, '后接…', '结束')
    await choose(page, '选择图元', '金额')
    await choose(page, '后接…', '人工办理')
    await name(page, '法务审核')
    await choose(page, '连线到…', '汇合')
    await choose(page, '选择图元', '金额 → 法务审核')
    await choose(page, '插入常用条件', '同意')
    await choose(page, '选择图元', '金额 → 财务审核')
    await page.getByRole('switch', { name: '默认走这条' }).click()
    const finding = page.locator('.finding', { hasText: '永远' })
    await finding.waitFor()
    await finding.click()
    await page.locator('.player-run [aria-current=step]').waitFor()
    await shot(page, 'design-deadlock')

    await choose(page, '选择图元', '金额')
    await page.locator('.djs-context-pad [data-action=replace]').click()
    await page.locator('.djs-popup [data-id=replace-with-parallel-gateway]').click()
    await page.getByText('可以发布', { exact: true }).waitFor()
    await page.getByText('已保存', { exact: true }).waitFor()
    await shot(page, 'design-correct')

    await page.getByRole('tab', { name: '字段权限' }).click()
    await page.getByRole('button', { name: '事由, 财务审核: 只读' }).press('3')
    await page.getByRole('button', { name: '事由, 财务审核: 可写' }).waitFor()
    await shot(page, 'design-rights')
    await page.getByRole('button', { name: '撤销' }).click()
    await page.getByRole('button', { name: '事由, 财务审核: 只读' }).waitFor()

    await page.getByRole('button', { name: '试运行' }).click()
    const trial = page.locator('.ant-drawer')
    await trial.locator('textarea, input[type=text]').last().waitFor()
    await trial.getByLabel('事由').fill('合同用章')
    await trial.locator('button[type=submit]').click()
    await trial.getByText('部门负责人审批').first().waitFor()
    await shot(page, 'design-trial')
    await trial.getByLabel('测试名称').fill('停在部门负责人')
    await trial.getByRole('button', { name: '存为测试' }).click()
    await page.getByText('已存为测试', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: '测试 1' }).waitFor()
    await page.getByText('已保存', { exact: true }).waitFor()

    await page.getByRole('button', { name: '发布', exact: true }).click()
    await page.locator('.ant-modal #notes').fill('第一版')
    await page
      .locator('.ant-modal')
      .getByRole('button', { name: /发\s*布/ })
      .click()
    await page.waitForURL(`**/processes/${state.process}`)
    await page.getByText('使用中').first().waitFor()
    await shot(page, 'process-published')
    await page.context().close()
    state.designer = undefined
  })

  await test('an employee starts it and sees through whose hands it will go', async () => {
    const { sales, desk } = state.company
    const unit = await call(server.base, state.admin, 'GET', `/org-units/${sales.id}`)
    await call(server.base, state.admin, 'PATCH', `/org-units/${sales.id}`, { head_id: desk.id }, { 'if-match': `"${unit.version}"` })
    const page = state.employee
    await page.goto('/start')
    await page.getByRole('link', { name: '用章申请' }).first().click()
    await page.getByText('何敏').first().waitFor()
    await page.getByLabel('事由').fill('年度维保合同用章')
    await shot(page, 'start-phone')
    await page.getByRole('button', { name: '提交', exact: true }).click()
    await page.waitForURL('**/cases/**')
    await page.getByRole('heading', { name: '年度维保合同用章' }).waitFor()
    state.case = new URL(page.url()).pathname.split('/').pop()
    await page.getByText('何敏').first().waitFor()
    await shot(page, 'case-phone')
  })

  await test('the approver decides on a phone, and what comes next opens by itself', async () => {
    const page = await person({ viewport: PHONE })
    state.approver = page
    await logIn(page, 'he.min', PASSWORD)
    await page.goto('/work')
    await page.getByText('年度维保合同用章').first().click()
    const agree = async (step) => {
      await page.locator('.page-header strong', { hasText: step }).waitFor()
      await page.getByRole('button', { name: /^同\s*意$/ }).click()
      await page.locator('.ant-drawer .phrases button').first().click()
      await shot(page, 'approve-phone')
      await page.getByRole('button', { name: '确认同意' }).click()
      await page.getByText('已完成').first().waitFor()
    }
    await agree('部门负责人审批')
    await page.goto('/work')
    await page.getByText('年度维保合同用章').nth(1).waitFor()
    const first = (await page.locator('.card').first().textContent()).includes('财务') ? '财务审核' : '法务审核'
    await page.getByText('年度维保合同用章').first().click()
    await agree(first)
    await agree(first === '财务审核' ? '法务审核' : '财务审核')
    await page.waitForURL('**/work')
    await page.goto(`/cases/${state.case}`)
    await page.getByText('已办结').first().waitFor()
    await page.context().close()
  })
}
