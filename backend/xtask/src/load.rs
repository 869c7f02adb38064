//! Load by `wrk` (Debian: `apt-get install wrk`), and what it says.

use std::{fs, path::Path, process::Command};

use crate::Outcome;

/// What one run of a load showed.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Answers in a second.
    pub per_second: f64,
    /// Milliseconds.
    pub p50: f64,
    /// Milliseconds.
    pub p99: f64,
    /// Answers in all.
    pub answers: f64,
}

/// What is asked of the server.
pub enum Ask<'a> {
    /// The same address each time.
    Get(&'a str),
    /// One of these at random.
    GetAny(&'a [String]),
    /// A new ticket with Chinese text each time.
    Create,
}

/// Chinese words from which titles are made: 40³ different ones.
const WORDS: &str = "电脑 笔记本 显示器 键盘 鼠标 投影仪 服务器 交换机 路由器 电话机 扫描仪 复印机 硬盘 内存 主板 电源 网线 插座 账号 密码 邮箱 系统 软件 数据库 备份 权限 域名 证书 防火墙 无线 蓝屏 死机 卡顿 断网 异响 发热 漏水 掉线 乱码 黑屏";

fn script(ask: &Ask<'_>, token: &str) -> String {
    let head = format!("local headers = {{ ['authorization'] = 'Bearer {token}', ['content-type'] = 'application/json' }}\n");
    let request = match ask {
        Ask::Get(path) => format!("function request() return wrk.format('GET', '/api/v1{path}', headers) end"),
        Ask::GetAny(paths) => {
            let list = paths.iter().map(|path| format!("'/api/v1{path}'")).collect::<Vec<_>>().join(",");
            format!("local paths = {{ {list} }}\nfunction request() return wrk.format('GET', paths[math.random(#paths)], headers) end")
        }
        Ask::Create => format!(
            "local words = {{}}\nfor word in ('{WORDS}'):gmatch('%S+') do words[#words + 1] = word end\n\
             function init() math.randomseed(os.time() + tonumber(tostring({{}}):sub(10), 16) % 100000) end\n\
             local function some() return words[math.random(#words)] end\n\
             function request()\n  local body = '{{\"kind\":\"fault\",\"title\":\"' .. some() .. some() .. some() .. '\",\"description\":\"' .. some() .. '无法使用，' .. some() .. some() .. '，请尽快处理。\"}}'\n  \
             return wrk.format('POST', '/api/v1/tickets', headers, body)\nend"
        ),
    };
    // A refused request is no answer: the figures would be worthless.
    let guard = "\nfunction response(status, _, body) if status >= 400 then io.stderr:write(status .. ' ' .. body .. '\\n') end end\n";
    head + &request + guard
}

/// Asks with so many connections for so many seconds.
pub fn run(base: &str, token: &str, ask: &Ask<'_>, connections: u32, seconds: u32, folder: &Path) -> Outcome<Load> {
    let path = folder.join("load.lua");
    fs::write(&path, script(ask, token))?;
    let output = Command::new("wrk")
        .args(["--latency", "-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "--timeout", "30s", "-s"])
        .arg(&path)
        .arg(base)
        .output()
        .map_err(|error| format!("wrk: {error}; on Debian: apt-get install wrk"))?;
    let (said, refused) = (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned());
    if let Some(first) = refused.lines().next() {
        return Err(format!("the server refused: {first}").into());
    }
    let word = |mark: &str| {
        said.lines()
            .find_map(|line| line.trim().strip_prefix(mark).map(|rest| rest.trim().to_owned()))
            .ok_or_else(|| format!("no {mark} in {said}"))
    };
    let answers = said.lines().find_map(|line| line.trim().split_once(" requests in ")?.0.parse().ok()).ok_or("no count")?;
    Ok(Load { per_second: word("Requests/sec:")?.parse()?, p50: milliseconds(&word("50%")?)?, p99: milliseconds(&word("99%")?)?, answers })
}

fn milliseconds(text: &str) -> Outcome<f64> {
    for (unit, factor) in [("us", 0.001), ("ms", 1.0), ("s", 1000.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return Ok(number.parse::<f64>()? * factor);
        }
    }
    Err(format!("no duration: {text}").into())
}
