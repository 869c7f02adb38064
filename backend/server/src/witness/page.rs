//! How the witness stands, on a page of its own.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::header, web};
use kernel::Error;

use super::{Alarm, Look, Witness};

/// In words.
pub fn said(look: &Look, chinese: bool) -> String {
    let (zh, en) = match look {
        Look::Follows(size) => (format!("一切正常：日志共 {size} 条，只增不改"), format!("All is well: the log has {size} records and has only grown")),
        Look::Unreachable(why) if why.is_empty() => ("尚未查看".to_owned(), "It has not looked yet".to_owned()),
        Look::Unreachable(why) => (format!("暂时无法查看日志：{why}"), format!("The log cannot be looked at: {why}")),
        Look::Alarmed(Alarm::RolledBack) => ("报警：日志变短了，已有记录消失".to_owned(), "ALARM: the log is shorter than it was; records are gone".to_owned()),
        Look::Alarmed(Alarm::SplitView) => {
            ("报警：日志与以前见过的不一致，历史被改写".to_owned(), "ALARM: the log does not begin with what was seen before; its past was rewritten".to_owned())
        }
        Look::Alarmed(Alarm::NotSigned) => (
            "报警：所示状态不是由该日志的密钥签名。若系统刚从备份恢复，请核对恢复记录，再以新公钥和新文件夹启动见证".to_owned(),
            "ALARM: what is shown is not signed with the key of the log. If the server was restored from a backup, compare its record of that, \
             then start again with the new key and a new folder"
                .to_owned(),
        ),
    };
    if chinese { zh } else { en }
}

/// Serves the page.
pub fn serve(listen: SocketAddr, witness: Arc<Witness>) -> Result<actix_web::dev::Server, Error> {
    let server = HttpServer::new(move || App::new().app_data(web::Data::from(Arc::clone(&witness))).route("/", web::get().to(show)));
    Ok(server.workers(1).disable_signals().bind(listen).map_err(Error::internal)?.run())
}

async fn show(request: HttpRequest, witness: web::Data<Witness>) -> HttpResponse {
    let wanted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let chinese = !wanted.trim_start().starts_with("en");
    let (look, state) = (witness.last(), witness.state());
    let colour = match look {
        Look::Follows(_) => "#237804",
        Look::Unreachable(_) => "#ad6800",
        Look::Alarmed(_) => "#cf1322",
    };
    let word = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let mut parts = vec![
        (word("见证人公钥", "Key of this witness"), witness.verifier().to_string()),
        (word("日志公钥", "Key of the log"), witness.key().to_string()),
        (word("服务器", "Server"), witness.options.log.clone()),
        (word("最近见到的状态", "Newest state that was seen"), state.seen.unwrap_or_else(|| "—".to_owned())),
    ];
    if let Some((_, shown)) = state.alarm {
        parts.push((word("服务器当时所示", "What the server showed then"), shown));
    }
    let parts: String = parts.iter().map(|(name, value)| format!("<h2>{name}</h2><pre>{}</pre>", escaped(value))).collect();
    let (lang, title) = (word("zh-CN", "en"), word("制度 · 日志见证", "Zhidu · witness of the log"));
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>body{{font:16px/1.6 system-ui,sans-serif;margin:0 auto;max-width:800px;\
         padding:16px}}p{{background:{colour};color:#fff;padding:16px;font-size:20px;border-radius:6px}}pre{{background:#f5f5f5;padding:8px;\
         white-space:pre-wrap;overflow-wrap:anywhere}}h2{{font-size:16px}}</style><h1>{title}</h1><p role=\"status\">{}</p>{parts}</html>",
        escaped(&said(&look, chinese))
    );
    // So that what watches pages sees it too.
    let mut answer = if matches!(look, Look::Alarmed(_)) { HttpResponse::ServiceUnavailable() } else { HttpResponse::Ok() };
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header(("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"))
        .body(html)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
