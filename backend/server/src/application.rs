//! The running application.

use std::{fs, net::SocketAddr, sync::Arc, time::Duration};

use ::web::{AppState, Proxies};
use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use audit::{Feed, Log, Visibilities};
use backup::{Keeper, Targets};
use db::{Database, Options};
use files::Blobs;
use identity::{Hasher, Identity, Secrets};
use kernel::{Clock, Error};

use crate::{
    config::{Forwarding, Serve},
    jobs,
    limits::{Limiter, limit},
    metrics,
    page::{self, WebRoot},
    private, telemetry, tls,
};

/// Everything that is opened once for a process.
#[derive(Clone)]
pub struct Application {
    /// The database.
    pub db: Database,
    /// Who is who.
    pub identity: web::Data<Identity>,
    /// The processes of this company.
    pub office: web::Data<workflows::Office>,
    /// What its controls stand on.
    pub compliance: web::Data<compliance::Office>,
    blobs: Blobs,
    feed: Feed,
    log: web::Data<Log>,
    /// Who makes and keeps backups.
    pub keeper: web::Data<Keeper>,
    visibilities: Visibilities,
    state: web::Data<AppState>,
    serve: Serve,
}

/// A server that has started.
pub struct Running {
    /// Where it answers plain HTTP.
    pub address: SocketAddr,
    /// Stops it.
    pub handle: ServerHandle,
    /// Ends when it has stopped.
    pub server: actix_web::dev::Server,
}

impl Application {
    /// Opens the database, the secret and the files.
    pub async fn open(serve: &Serve, clock: Clock, hasher: Hasher, session_cache: Duration) -> Result<Self, Error> {
        fs::create_dir_all(&serve.config.data_dir).map_err(Error::internal)?;
        crate::backups::refuse_half_restored(&serve.config.data_dir)?;
        let options = Options { url: serve.config.url()?, connections: serve.config.connections, migrate: !serve.no_migrate, clock };
        let db = tokio::task::spawn_blocking(move || Database::open(&options)).await.map_err(Error::internal)??;
        let secrets = secrets(serve)?;
        if serve.demo {
            crate::demo::begin(&db).await?;
        }
        identity::bootstrap::ensure_roles(&db).await?;
        equipment::bootstrap::ensure_types(&db).await?;
        equipment::register_open_tickets(tickets::open_tickets);
        identity::register_work(vec![tickets::open_work, equipment::service::held, datasets::service::kept, workflows::open_work]);
        tickets::settings::ensure(&db).await?;
        let calendar = Box::new(|tx: &mut db::ReadTx<'_>| Ok(tickets::settings::Settings::load(tx)?.calendar()));
        let office = web::Data::new(workflows::Office::new(crate::actions::all(), crate::references(), calendar, serve.pack_key.clone()));
        let told = office.clone();
        db.tell_drivers(Box::new(move |tx, case, event| workflows::told(tx, &told, case, event)));
        let blobs = Blobs::local(&serve.config.data_dir.join("files"))?;
        let identity = Arc::new(Identity::new(db.clone(), secrets, hasher, serve.password_profile, session_cache));
        let visibilities = crate::visibilities();
        let state = web::Data::new(AppState {
            db: db.clone(),
            authenticator: Arc::clone(&identity) as Arc<dyn ::web::Authenticator>,
            proxies: Proxies(serve.trusted_proxy.clone()),
            public_url: serve.public_url.clone(),
            allow_plain_http: serve.allow_plain_http,
        });
        let log = web::Data::new(log(serve)?);
        let feed = audit::follow(db.clone(), log.clone().into_inner()).await;
        let compliance = compliance::Office::new(office.clone().into_inner(), tickets::settings::office_hours);
        compliance::follow(db.clone(), compliance.clone(), feed.clone());
        let compliance = web::Data::new(compliance);
        let keeper = web::Data::new(keeper(serve, &db, log.clone().into_inner())?);
        Ok(Self {
            keeper,
            office,
            compliance,
            blobs,
            feed,
            log,
            visibilities,
            state,
            identity: web::Data::from(identity),
            db,
            serve: serve.clone(),
        })
    }

    /// Starts to answer.
    pub fn start(&self) -> Result<Running, Error> {
        let app = self.clone();
        let limiter = web::Data::new(Limiter::new(self.serve.rate_limit));
        let document = web::Data::new(Document(serde_json::to_string(&crate::document()).map_err(Error::internal)?));
        let requests = web::Data::new(metrics::Requests::default());
        let networks = web::Data::new(metrics::Networks(self.serve.metrics_network.clone()));
        let root = web::Data::new(WebRoot(self.serve.web_root.clone()));
        tokio::spawn(jobs::tidy(self.db.clone(), self.identity.clone(), limiter.clone()));
        tokio::spawn(jobs::backlog(self.db.clone()));
        if self.serve.log_beat_seconds > 0 {
            tokio::spawn(jobs::beat(self.db.clone(), Duration::from_secs(self.serve.log_beat_seconds.into())));
        }
        tokio::spawn(jobs::timers(self.db.clone(), self.office.clone().into_inner()));
        tokio::spawn(backup::keeper::keep(self.keeper.clone().into_inner()));
        tokio::spawn(reports::work(self.db.clone()));
        let Forwarding { receivers, authorizations, ca } = &self.serve.forwarding;
        if let Some(name) = forwarding::named_twice(receivers) {
            return Err(Error::internal(format!("--forward {name}: two receivers have this name")));
        }
        for receiver in receivers {
            let forwarder = forwarding::Forwarder::open(self.db.clone(), receiver, authorizations, ca.as_deref())?;
            forwarding::forward(forwarder, self.feed.clone());
        }
        let receivers = web::Data::new(receivers.clone());
        tokio::spawn(crate::webhooks::send_all(self.db.clone(), self.serve.webhook_network.clone()));
        let mut server = HttpServer::new(move || {
            let app = app.clone();
            App::new()
                .app_data(app.state.clone())
                .app_data(app.identity.clone())
                .app_data(app.office.clone())
                .app_data(app.compliance.clone())
                .app_data(web::Data::new(app.blobs.clone()))
                .app_data(web::Data::new(app.feed.clone()))
                .app_data(app.log.clone())
                .app_data(app.keeper.clone())
                .app_data(web::Data::new(app.visibilities.clone()))
                .app_data(limiter.clone())
                .app_data(document.clone())
                .app_data(root.clone())
                .app_data(receivers.clone())
                .app_data(requests.clone())
                .app_data(networks.clone())
                .wrap(from_fn(limit))
                .wrap(from_fn(::web::finish))
                .wrap(from_fn(metrics::measure))
                .wrap(from_fn(telemetry::trace))
                .configure(|config| crate::routes().mount(config))
                .route("/api/v1/openapi.json", web::get().to(openapi))
                .service(inventory_door("/inventory"))
                .service(inventory_door("/front/inventory.php"))
                .route("/healthz", web::get().to(health))
                .route("/livez", web::get().to(metrics::live))
                .route("/readyz", web::get().to(health))
                .route("/metrics", web::get().to(metrics::metrics))
                .default_service(web::to(page::fallback))
        })
        .shutdown_timeout(10)
        .disable_signals()
        .client_request_timeout(Duration::from_secs(15))
        .workers(self.serve.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from)));
        server = server.bind(self.serve.listen).map_err(Error::internal)?;
        let address = server.addrs().first().copied().unwrap_or(self.serve.listen);
        if let Some(https) = self.serve.tls.https_listen {
            let tls = tls::config(&self.serve.tls, &self.serve.config.data_dir)?;
            server = server.bind_rustls_0_23(https, tls).map_err(Error::internal)?;
        }
        let server = server.run();
        Ok(Running { address, handle: server.handle(), server })
    }
}

/// Where inventory agents report; the second address is the one that agents of GLPI have built in.
fn inventory_door(path: &str) -> actix_web::Resource {
    web::resource(path).route(web::post().to(equipment::receive))
}

struct Document(String);

async fn openapi(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(document.0.clone())
}

/// 200 if the database answers.
async fn health(state: web::Data<AppState>) -> Result<HttpResponse, ::web::ApiError> {
    state.db.ping().await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ok" })))
}

/// The signing keys: a file outside the database.
fn secrets(serve: &Serve) -> Result<Secrets, Error> {
    Secrets::parse(&private::key(serve.secret_file.as_deref(), &serve.secret_path(), || Ok(Secrets::generate()))?)
}

/// The key that signs the log.
fn log(serve: &Serve) -> Result<Log, Error> {
    private::key(serve.log_key_file.as_deref(), &serve.log_key_path(), Log::generate)?;
    private::log(&serve.log_key_path(), |key| Log::open(key, serve.anchor(), serve.log_checkpoint_seconds, serve.witness_key.clone()))
}

/// Who makes and keeps backups.
fn keeper(serve: &Serve, db: &Database, log: Arc<Log>) -> Result<Keeper, Error> {
    let data = serve.config.data_dir.clone();
    let targets = serve.targets();
    // A place that was named and is not there may be a disk that is not mounted: to make it would put backups on another one.
    if serve.places.backup_target.is_empty() {
        fs::create_dir_all(serve.own_backups()).map_err(Error::internal)?;
    }
    Ok(Keeper {
        db: db.clone(),
        url: serve.config.url()?,
        targets: Targets::of(&targets),
        recipients: serve.recipients.backup_recipient.clone(),
        identities: serve.identities.load()?,
        product: env!("CARGO_PKG_VERSION"),
        data,
        log,
    })
}
