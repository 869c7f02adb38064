// Starts the product on a free port with an empty database, and speaks its API.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const program = process.env.ZHIDU_BIN ?? join(root, 'target/debug/zhidu')
const pages = process.env.ZHIDU_WEB_ROOT ?? join(root, 'frontend/dist')

const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => found(port))
    })
  })

export async function startServer(flags = []) {
  const data = mkdtempSync(join(tmpdir(), 'zhidu-e2e-'))
  const port = await freePort()
  const args = ['serve', '--data-dir', data, '--listen', `127.0.0.1:${port}`, '--web-root', pages, '--rate-limit', '0']
  const child = spawn(program, [...args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ZHIDU_LOG: 'warn' } })
  const base = `http://127.0.0.1:${port}`
  let printed = ''
  const token = await new Promise((found, failed) => {
    child.stdout.on('data', (text) => {
      printed += text
      const link = /setup\?token=(\S+)/.exec(printed)
      if (link) found(link[1])
    })
    child.on('exit', (code) => failed(new Error(`the server ended with ${code}\n${printed}`)))
  })
  child.removeAllListeners('exit')
  const stop = () => {
    child.kill('SIGTERM')
    rmSync(data, { recursive: true, force: true })
  }
  return { base, token, stop }
}

/** Calls the API; anything but success is an error. */
export async function call(base, token, method, path, body, headers = {}) {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text ? JSON.parse(text) : null
}

export const PASSWORD = 'Plum-Rain-4711-xq'

/** A small company: the administrators, a desk, a technician, an asset keeper, an auditor. */
export async function company(base, admin) {
  const api = (token) => (method, path, body, headers) => call(base, token, method, path, body, headers)
  const by = api(admin)
  const hq = (await by('GET', '/org-units')).items[0]
  const unit = (name, code) => by('POST', '/org-units', { parent_id: hq.id, name, code, kind: 'unit' })
  const it = await unit('信息部', 'IT')
  const sales = await unit('销售部', 'SALES')
  const login = (name, password) => call(base, null, 'POST', '/auth/login', { login: name, password })
  const make = (name, account, where, title) => by('POST', '/people', { name, login: account, unit_id: where.id, title })
  const ready = async (name, account, where, title) => {
    const made = await make(name, account, where, title)
    const first = await login(account, made.initial_password)
    const session = await call(base, first.access_token, 'POST', '/auth/password', {
      current_password: made.initial_password,
      new_password: PASSWORD,
    })
    return { id: made.person.id, login: account, name, token: session.access_token }
  }
  const assign = async (token, person, role, scope, unit_id) => {
    const { version } = await api(token)('GET', `/people/${person.id}`)
    const role_id = (await api(token)('GET', '/roles')).items.find((one) => one.code === role).id
    await api(token)('POST', `/people/${person.id}/roles`, { role_id, scope, unit_id }, { 'if-match': `"${version}"` })
  }
  const security = await ready('安全管理员', 'security', hq, '安全管理员')
  await assign(admin, security, 'security_administrator', 'all')
  const desk = await ready('何敏', 'he.min', it, '服务台')
  await assign(security.token, desk, 'service_desk', 'all')
  const technician = await ready('李强', 'li.qiang', it, '桌面工程师')
  await assign(security.token, technician, 'technician', 'unit', it.id)
  const keeper = await ready('周洁', 'zhou.jie', it, '资产管理员')
  await assign(security.token, keeper, 'asset_keeper', 'all')
  await assign(security.token, keeper, 'data_manager', 'all')
  const auditor = await ready('吴慎', 'wu.shen', hq, '审计员')
  await assign(security.token, auditor, 'auditor', 'all')
  const employee = await make('王芳', 'wang.fang', sales, '客户经理')
  await by('POST', '/ticket-categories', { name: '硬件故障', kind: 'fault', default_unit_id: it.id })
  const types = (await api(keeper.token)('GET', '/equipment-types')).items
  const laptop = await api(keeper.token)('POST', '/equipment', {
    name: 'ThinkPad T14',
    type_id: types.find((type) => type.code === 'computer').id,
    serial: 'PF-4KD2',
    manufacturer: 'Lenovo',
    model: 'T14 Gen 4',
    unit_id: sales.id,
    holder_id: employee.person.id,
    place: '三楼 305',
    price: '7999.00',
  })
  const dataset = await api(keeper.token)('POST', '/datasets', {
    name: '客户与合同台帐',
    classification: 'confidential',
    purpose: '合同履行、回款跟踪和销售分析',
    location: 'ERP 销售模块',
    unit_id: sales.id,
    custodian_id: employee.person.id,
  })
  await api(keeper.token)('POST', `/datasets/${dataset.id}/grants`, {
    person_id: auditor.id,
    mode: 'read',
    purpose: '年度内部审计',
    valid_until: '2099-12-31',
  })
  return {
    unit,
    ready,
    assign,
    hq,
    it,
    sales,
    security,
    desk,
    technician,
    keeper,
    auditor,
    laptop,
    dataset,
    employee: { ...employee.person, initial: employee.initial_password },
  }
}
