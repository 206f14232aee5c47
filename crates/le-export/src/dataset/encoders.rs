//! The threads that encode parts.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread;

use le_core::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

/// Few, and always the same ones: allocators keep memory for each thread that ever encoded, and give little of it back. Two keep
/// up with any service.
const THREADS: usize = 2;

type Job = Box<dyn FnOnce() + Send>;

/// Threads of a dataset that encode, one job after the other. They begin with the first job and end with the dataset.
///
/// The runtime's threads for blocking work would do it too, but those are many and take turns.
#[derive(Debug, Default)]
pub(super) struct Encoders(OnceLock<mpsc::Sender<Job>>);

impl Encoders {
    /// Does work on one of the threads. Where the caller gives up, the work is ended all the same.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (sender, outcome) = oneshot::channel();
        let job = Box::new(move || {
            let outcome = catch_unwind(AssertUnwindSafe(work));
            // Whoever waited for it may be gone.
            drop(sender.send(outcome));
        });
        let gone = |_| Error::new(ErrorKind::Io, "the threads that encode have ended");
        self.jobs()?.send(job).map_err(|_| gone(()))?;
        match outcome.await.map_err(|_| gone(()))? {
            Ok(outcome) => outcome,
            Err(panic) => resume_unwind(panic),
        }
    }

    fn jobs(&self) -> Result<&mpsc::Sender<Job>> {
        if let Some(jobs) = self.0.get() {
            return Ok(jobs);
        }
        let jobs = start()?;
        // Where another caller was quicker, the threads of this one end at once.
        Ok(self.0.get_or_init(|| jobs))
    }
}

fn start() -> Result<mpsc::Sender<Job>> {
    let (sender, jobs) = mpsc::channel::<Job>();
    let jobs = Arc::new(Mutex::new(jobs));
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for _ in 0..cores.min(THREADS) {
        let jobs = Arc::clone(&jobs);
        let thread = thread::Builder::new().name("le-encode".to_owned());
        let started = thread.spawn(move || {
            loop {
                let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                match next {
                    Ok(job) => job(),
                    Err(mpsc::RecvError) => return,
                }
            }
        });
        started.map_err(|cause| {
            Error::new(
                ErrorKind::Io,
                format!("a thread that encodes cannot be started: {cause}"),
            )
            .with_source(cause)
        })?;
    }
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[tokio::test]
    async fn many_jobs_are_done_by_the_same_few_threads() {
        let encoders = Encoders::default();
        let jobs = (0..50).map(|number| encoders.run(move || Ok((number, thread::current().id()))));
        let done = futures_util::future::try_join_all(jobs).await.unwrap();
        assert!(done.iter().enumerate().all(|(at, (number, _))| at == *number));
        let threads: HashSet<_> = done.iter().map(|(_, thread)| *thread).collect();
        assert!(threads.len() <= THREADS && !threads.contains(&thread::current().id()));
    }

    #[tokio::test]
    async fn a_panic_is_the_callers_and_an_error_too() {
        let encoders = Arc::new(Encoders::default());
        let own = Arc::clone(&encoders);
        let panicked = tokio::spawn(async move { own.run(|| -> Result<()> { panic!("as a test says") }).await });
        assert!(panicked.await.unwrap_err().is_panic());
        let failed = encoders.run(|| -> Result<()> { Err(Error::new(ErrorKind::Io, "full")) });
        assert_eq!(failed.await.unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(encoders.run(|| Ok(7)).await.unwrap(), 7);
    }
}
