//! `hasjoined serve`: start, run, reload, give way to a successor, drain.

use super::{
    Failed, banner,
    desk::Desk,
    print, reload,
    secured::Secured,
    site::Builder,
    sockets::{Open, Sockets},
    successor::Successor,
};
use crate::{
    admin::{Admin, Reloads},
    cli::ServeOptions,
    config::{self, Loaded, Settings, Watch},
    lifecycle::{Call, CancellationToken, Clock, Signals, Tasks, Turn, raise_open_files, tell},
    server::{Listener, Server},
    telemetry,
    web::Web,
};
use hyper::service::service_fn;
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    os::fd::OwnedFd,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};
use tokio::runtime::Runtime;

/// Runs until a signal ends it.
pub(super) fn run(options: &ServeOptions) -> Result<(), Failed> {
    telemetry::start(options.log_format.into(), &options.log)
        .map_err(|error| Failed::Unusable(format!("--log {}: {error}", options.log)))?;
    let sockets = Sockets::passed()?;
    let options = sockets.over(options)?;
    let loaded = load(&options)?;
    let ended = runtime()?.block_on(serve(&options, loaded, sockets));
    telemetry::flush();
    ended
}

/// One core is served best by one thread that nothing has to be handed over to.
fn runtime() -> io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let mut builder = match cores {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.on_thread_park(telemetry::at_rest);
    builder.enable_all().build()
}

/// For what is neither a client nor an upstream: listeners, logs, a store, a watched file, look-ups of names.
const OTHER_FILES: usize = 64;

/// Takes all descriptors there are to have, and says if they are not enough.
fn open_files(settings: &Settings) {
    let Some(most) = raise_open_files() else { return };
    let upstreams: usize = settings.upstreams.iter().map(|upstream| upstream.max_connections).sum();
    let wanted = settings.server.max_connections.saturating_add(upstreams).saturating_add(OTHER_FILES);
    if usize::try_from(most).is_ok_and(|most| most < wanted) {
        let clients = settings.server.max_connections;
        tracing::warn!(
            "server.max_connections: {clients} clients and {upstreams} connections to upstreams take {wanted} open files, and this process may have {most}: raise that (LimitNOFILE=, ulimit -n), or clients will be left waiting"
        );
    }
}

/// The configuration with the command line's word over it.
fn load(options: &ServeOptions) -> Result<Loaded, config::ConfigError> {
    let mut loaded = config::load(options.config.as_deref())?;
    if !options.listen.is_empty() {
        loaded.settings.server.listen.clone_from(&options.listen);
    }
    if let Some(admin) = options.admin {
        loaded.settings.server.admin = admin.address();
    }
    loaded.warnings = config::warnings(&loaded.settings);
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    Ok(loaded)
}

async fn serve(options: &ServeOptions, loaded: Loaded, sockets: Sockets) -> Result<(), Failed> {
    let started = SystemTime::now();
    let mut signals = Signals::listen()?;
    // Connections to upstreams and races: nobody waits for these.
    let background = Tasks::default();
    let mut builder = Builder::new(background);
    let prepared = builder.prepare(&loaded.settings)?;
    let mut secured = Secured::open(&loaded.settings.server)?;
    let Open { public, admin, shared, predecessor } = sockets.open(&loaded.settings.server)?;
    let addresses = public.iter().map(Listener::address).collect::<io::Result<Vec<_>>>()?;
    let first = addresses.first().copied().unwrap_or(loaded.settings.server.listen[0]);
    builder.open(&loaded.settings, Clock::system()).await?;
    let web = Arc::new(Web::new(builder.site(prepared, &loaded.settings, first)));
    let mut watch = match loaded.source.path() {
        Some(path) => config::watch(path).inspect_err(|error| tracing::warn!(%error, "changes go unnoticed")).ok(),
        None => None,
    };
    let (stop, connections, announcing) = (CancellationToken::new(), Tasks::default(), web.clone());
    let server = Server::new(loaded.settings.server.max_connections, connections.clone(), stop.clone())
        .over(secured.tls())
        .behind(move |peer| announcing.announces(peer));
    for listener in public {
        connections.spawn(accept(server.clone(), listener, web.clone()));
    }
    let admin_address = admin.as_ref().map(Listener::address).transpose()?;
    let (memory, reloads) = (builder.memory().clone(), Arc::<Reloads>::default());
    let seen = Admin { web: web.clone(), server, memory, stop: stop.clone(), reloads: reloads.clone(), started };
    let desk = Desk::open(admin, seen);
    print(&banner::text(&loaded, &addresses, admin_address));
    tell(Turn::Ready);
    if let Some(predecessor) = predecessor {
        let _ = predecessor.relieve().inspect_err(|error| tracing::warn!(%error, "the predecessor cannot be told"));
    }
    let parts = (&*web, &mut builder, first);
    let calls = (&mut signals, &mut watch, &mut secured, shared);
    let (running, successor) = until_stopped(options, loaded.settings, calls, parts, &reloads).await;
    let desk = leave(successor, desk, &stop).await;
    drain(&connections, running.server.drain, &mut signals).await;
    if let Some(desk) = desk {
        desk.close().await;
    }
    builder.close().await;
    Ok(())
}

/// Serves game servers at one address.
async fn accept(server: Server, listener: Listener, web: Arc<Web>) {
    let service = move |peer: SocketAddr| {
        let web = web.clone();
        service_fn(move |request| {
            let web = web.clone();
            async move { Ok::<_, Infallible>(web.answer(request, peer.ip()).await) }
        })
    };
    server.serve(listener, service).await;
}

/// Accepts no more, and says why. A successor answers the operator from before that on, who is never told of the drain; without one, how
/// the drain goes is said here.
async fn leave(successor: Option<u32>, desk: Desk, stop: &CancellationToken) -> Option<Desk> {
    let Some(process) = successor else {
        stop.cancel();
        tell(Turn::Stopping);
        tracing::info!("draining");
        return Some(desk);
    };
    desk.close().await;
    stop.cancel();
    tell(Turn::Succeeded(process));
    tracing::info!(process, "the successor serves, draining");
    None
}

/// Waits for the answers that are under way.
async fn drain(connections: &Tasks, patience: Duration, signals: &mut Signals) {
    tokio::select! {
        ended = connections.ended(patience) => if !ended {
            tracing::warn!(connections = connections.running(), "drain time is over, ending with requests unanswered");
        },
        () = stop_again(signals) => tracing::warn!(connections = connections.running(), "told twice, ending at once"),
    }
}

/// Serves and reloads. Returns what was in force at the end, and the process that has taken over, if one has.
async fn until_stopped(
    options: &ServeOptions,
    mut running: Settings,
    (signals, watch, secured, sockets): (&mut Signals, &mut Option<Watch>, &mut Secured, Vec<(String, OwnedFd)>),
    (web, builder, address): (&Web, &mut Builder, SocketAddr),
    reloads: &Reloads,
) -> (Settings, Option<u32>) {
    let mut successor = None;
    open_files(&running);
    loop {
        tokio::select! {
            call = signals.next() => match call {
                Call::Stop => return (running, None),
                Call::Reload => {}
                Call::Upgrade => {
                    successor = successor.or_else(|| started(&sockets));
                    continue;
                }
            },
            serving = serves(&mut successor) => match serving {
                Some(process) => return (running, Some(process)),
                None => {
                    tracing::error!("the successor does not serve, this program goes on");
                    successor = None;
                    continue;
                }
            },
            () = changed(watch) => {}
            () = secured.changed() => {
                secured.renew(&mut running.server);
                continue;
            }
        }
        tell(Turn::Reloading);
        let applied = reloaded(options, &running, (web, builder, address)).await;
        let count = if applied.is_ok() { &reloads.done } else { &reloads.refused };
        count.fetch_add(1, Ordering::Relaxed);
        match applied {
            Ok(mut settings) => {
                secured.take_over(&running.server, &mut settings.server);
                running = settings;
            }
            Err(error) => tracing::error!("the configuration stays as it was: {error}"),
        }
        tell(Turn::Ready);
    }
}

fn started(sockets: &[(String, OwnedFd)]) -> Option<Successor> {
    Successor::start(sockets).inspect_err(|error| tracing::error!(%error, "no successor can be started")).ok()
}

/// The process of a successor that serves now, nothing when it has failed; never, when there is none.
async fn serves(successor: &mut Option<Successor>) -> Option<u32> {
    match successor {
        Some(successor) => successor.serves().await,
        None => std::future::pending().await,
    }
}

/// Takes over what the file says now.
async fn reloaded(
    options: &ServeOptions,
    running: &Settings,
    (web, builder, address): (&Web, &mut Builder, SocketAddr),
) -> Result<Settings, Failed> {
    let wanted = load(options)?.settings;
    reload::apply((web, builder, address), running, &wanted)?;
    if let Err(error) = builder.register(&wanted).await {
        tracing::error!("the services stay as they were: {error}");
    }
    Ok(wanted)
}

/// The next change of the file; never, when there is none to watch.
async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

async fn stop_again(signals: &mut Signals) {
    while signals.next().await != Call::Stop {}
}
