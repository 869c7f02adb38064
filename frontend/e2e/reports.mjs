// An auditor pulls a report: asked for on the page, read there, taken as a file, and computed again.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { logIn, PHONE } from './browser.mjs'
import { PASSWORD } from './server.mjs'

export async function reports({ test, person, shot, state }) {
  await test('an auditor pulls a report, takes it as a file, and has it computed again', async () => {
    const { ready, assign, security, hq } = state.company
    await assign(security.token, await ready('孙复', 'sun.fu', hq, '内审员'), 'auditor', 'all')
    const page = await person({ language: 'zh-CN' })
    await logIn(page, 'sun.fu', PASSWORD)
    await page.getByRole('link', { name: '报表', exact: true }).click()
    await page.getByRole('button', { name: '立即生成：账号与权限清单' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '立即生成', exact: true }).click()
    await page.waitForURL(/\/reports\/[0-9a-f-]{36}/)
    await page.getByRole('cell', { name: 'sun.fu', exact: true }).first().waitFor()
    assert.ok((await page.getByRole('cell', { name: '审计员', exact: true }).count()) > 0)
    await shot(page, 'report')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载 PDF' }).click()])
    assert.match(file.suggestedFilename(), /^accounts-\d{4}-\d{2}-\d{2}\.pdf$/)
    assert.equal((await readFile(await file.path())).subarray(0, 5).toString(), '%PDF-')
    await page.getByRole('button', { name: '重新计算并核对' }).click()
    await page.getByText('依据同样的日志重新计算，内容一致').waitFor()
    state.report = new URL(page.url()).pathname

    // It is to come by itself from now on, and can rest.
    await page.goto('/reports')
    await page.getByRole('button', { name: '定期生成：登录与拒绝记录' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^保\s?存$/ })
      .click()
    await page.getByText('每月').waitFor()
    await page.getByRole('button', { name: /^停\s?用$/ }).click()
    await page.getByRole('button', { name: /^启\s?用$/ }).waitFor()
    await page.context().close()
  })

  await test('the same report is read on a phone in English', async () => {
    const page = await person({ viewport: PHONE, language: 'en' })
    await logIn(page, 'sun.fu', PASSWORD)
    await page.goto(state.report)
    await page.getByRole('heading', { level: 1, name: 'Accounts and rights' }).waitFor()
    await page.getByRole('columnheader', { name: 'Permissions' }).waitFor()
    await shot(page, 'report-phone')
    await page.context().close()
  })
}
