// A medium beyond the first page of the list is found, changed and handed over, and the giver takes it back.
import assert from 'node:assert/strict'
import { DESKTOP, logIn } from './browser.mjs'
import { call, PASSWORD } from './server.mjs'

export async function backups({ test, person, shot, state, server }) {
  await test('a medium among many is found, changed, handed over and taken back', async () => {
    const { ready, assign, security, hq } = state.company
    await assign(security.token, await ready('林宝', 'lin.bao', hq, '数据保管员'), 'backup_custodian', 'all')
    const api = (method, path, body) => call(server.base, state.admin, method, path, body)
    for (let number = 100; number < 160; number += 1) await api('POST', '/backup-media', { serial: `T-${number}`, kind: 'tape' })
    await api('POST', '/backup-media', { serial: 'Z-999', kind: 'disk', note: '旧标签' })

    const page = await person({ viewport: DESKTOP, language: 'zh-CN' })
    await logIn(page, 'chen.li', PASSWORD)
    await page.goto('/backups?tab=media')
    await page.getByText('T-100').waitFor()
    assert.equal(await page.getByText('Z-999').count(), 0)
    await page.getByPlaceholder('介质编号').fill('z-99')
    await page.keyboard.press('Enter')
    await page.getByText('Z-999').waitFor()
    await page.getByText('T-100').waitFor({ state: 'detached' })

    // A field that is emptied is cleared.
    await page.getByRole('button', { name: '修改', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('#note').fill('')
    await dialog.getByRole('button', { name: '保存', exact: true }).click()
    await page.getByText('旧标签').waitFor({ state: 'detached' })
    assert.equal((await api('GET', '/backup-media?q=Z-999')).items[0].note, null)

    await page.goto('/backups?tab=handovers')
    await page.getByRole('button', { name: '移交', exact: true }).click()
    const option = (text) => page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: text })
    await dialog.getByRole('combobox', { name: '介质' }).fill('Z-9')
    await option('Z-999').click()
    await dialog.getByRole('combobox', { name: '接收人' }).fill('林宝')
    await option('林宝').click()
    await shot(page, 'backups-give')
    await dialog.getByRole('button', { name: '签字移交' }).click()
    await page.getByText('待签收').waitFor()
    await page.getByRole('button', { name: '撤回', exact: true }).click()
    await page.getByText('已撤回').waitFor()
    await page.context().close()
  })
}
