// Records for an authority: an auditor asks, two others approve on the page, and the package verifies with the shipped program.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DESKTOP, logIn, PHONE } from './browser.mjs'
import { PASSWORD, program } from './server.mjs'

export async function extractions({ test, person, shot, state }) {
  await test('records are extracted for an authority, with two approvals, and verify off-line', async () => {
    const { ready, assign, security, hq } = state.company
    for (const [name, login, title, role] of [
      ['秦鉴', 'qin.jian', '内审员', 'auditor'],
      ['曹准', 'cao.zhun', '分管领导', 'extraction_approver'],
      ['魏批', 'wei.pi', '法务主管', 'extraction_approver'],
    ])
      await assign(security.token, await ready(name, login, hq, title), role, 'all')
    const page = await person({ viewport: DESKTOP, language: 'zh-CN' })
    await logIn(page, 'qin.jian', PASSWORD)
    await page.getByRole('link', { name: '日志提取', exact: true }).click()
    await page.getByRole('button', { name: '申请提取' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('受文机关').fill('市公安局网安支队')
    await dialog.getByLabel('文书编号').fill('公网调〔2026〕17 号')
    await dialog.getByLabel('法律依据').fill('《网络安全法》第三十条')
    await shot(page, 'extraction-request')
    await dialog.getByRole('button', { name: '提交批准' }).click()
    await page.getByText('可证明无遗漏').waitFor()
    for (const [login, viewport] of [
      ['cao.zhun', PHONE],
      ['wei.pi', DESKTOP],
    ]) {
      const other = await person({ viewport, language: 'zh-CN' })
      await logIn(other, login, PASSWORD)
      await other.goto('/extractions')
      await other.getByRole('button', { name: /^批\s?准$/ }).click()
      await shot(other, `extraction-approve-${login}`)
      await other
        .locator('.ant-popconfirm')
        .getByRole('button', { name: /^批\s?准$/ })
        .click()
      await other
        .getByText(login === 'cao.zhun' ? '一人已批准' : '已批准')
        .first()
        .waitFor()
      await other.context().close()
    }
    await page.reload()
    await page.getByRole('button', { name: '下载提取包' }).waitFor()
    await shot(page, 'extraction-approved')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载提取包' }).click()])
    const path = `${await file.path()}`
    const { stdout } = await promisify(execFile)(program, ['verify-extraction', path])
    assert.match(stdout, /^verified: \d+ records for 市公安局网安支队/)
    assert.match(stdout, /whole: no record from 0 to/)
    await page.context().close()
  })
}
