//! The socket on which this machine's operator asks a running server for backups, and for a restored store
//! to be put in its place.

use std::{fs, io, path::Path, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    select,
    sync::{mpsc, watch},
    task::{JoinSet, spawn_blocking},
};

use crate::{
    backup::{
        Backup,
        control::{Ask, LINE_BYTES, Tell, line, socket},
    },
    log,
    region::Region,
};

/// Listens beside the stores in `data`, whose lock is held: what is left there was left behind.
pub fn listen(data: &Path) -> io::Result<UnixListener> {
    let path = socket(data);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => UnixListener::bind(path),
    }
}

/// Answers until it is asked to stop.
pub async fn serve(
    listener: UnixListener,
    region: Arc<Region>,
    backup: Arc<Backup>,
    mut stop: watch::Receiver<bool>,
) {
    let mut asked = JoinSet::new();
    loop {
        select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = asked.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (region, backup) = (Arc::clone(&region), Arc::clone(&backup));
                    asked.spawn(async move {
                        // Whoever went away needs no answer.
                        let _ = answer(stream, region, backup).await;
                    });
                }
                Err(error) => {
                    log::failure("control socket fails", &error);
                    break;
                }
            },
        }
    }
}

async fn answer(stream: UnixStream, region: Arc<Region>, backup: Arc<Backup>) -> io::Result<()> {
    let (input, mut output) = stream.into_split();
    let mut asked = String::new();
    let mut input = BufReader::new(input.take(LINE_BYTES));
    input.read_line(&mut asked).await?;
    let told = match serde_json::from_str(&asked) {
        Ok(Ask::Backup { tenant, anew }) => {
            let (progress, mut steps) = mpsc::channel(16);
            let tell = move |done, all| {
                let _ = progress.blocking_send(Tell::Progress(done, all));
            };
            let stores = Arc::clone(region.stores());
            let pass = spawn_blocking(move || {
                let tenants = match tenant {
                    Some(tenant) => vec![tenant],
                    None => stores.tenants().map_err(|error| vec![error.to_string()])?,
                };
                backup.pass(&tenants, anew, tell)
            });
            while let Some(step) = steps.recv().await {
                output.write_all(&line(&step)).await?;
            }
            pass.await.map_err(io::Error::other)?
        }
        Ok(Ask::Replace { tenant }) => {
            let replaced = region.replace(tenant, backup).await;
            replaced.map_err(|why| vec![why])
        }
        Err(error) => Err(vec![format!("this is not asked here: {error}")]),
    };
    let told = told.map_or_else(Tell::Failed, |()| Tell::Done);
    output.write_all(&line(&told)).await
}
