//! What is counted, and what logs show.

#[cfg(feature = "metrics")]
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use crate::parrot::Parrot;
use crate::support::{Outcome, Stage};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn spans_name_the_handler_and_hash_the_conversation_unless_asked() -> Outcome {
    // Where a process has one subscriber alone, tracing asks the thread that comes first to a span whether anybody wants it, and
    // remembers that. That thread may belong to a test beside this one, which has none; so there are two.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    for show in [false, true] {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(lines.clone())
            .with_max_level(tracing::Level::DEBUG)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let stage = Stage::new().await?;
        let parrot = Parrot::default();
        let _bot = parrot.run_as(&stage, |runner| runner.show_conversation_ids(show)).await;
        let mut consumer = stage.consumer()?;
        let id = consumer.start(stage.skill(0), "echo a secret")?.to_owned();
        consumer.hears("a secret").await?;
        consumer.say("fail")?;
        parrot.log.wait("failed").await;
        let shown = String::from_utf8(lines.0.lock().unwrap().clone())?;
        let spans: Vec<_> = shown
            .lines()
            .filter(|line| line.contains("handler=\"message\""))
            .collect();
        assert!(!spans.is_empty(), "{shown}");
        assert_eq!(spans.iter().any(|line| line.contains(&id)), show, "{spans:#?}");
        assert!(
            spans
                .iter()
                .all(|line| !line.contains("a secret") && !line.contains("as it was told")),
            "{spans:#?}"
        );
    }
    Ok(())
}

#[cfg(feature = "metrics")]
mod recorder {
    use super::*;
    use metrics::{
        Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit,
    };

    #[derive(Clone, Default)]
    pub(super) struct Recorder(pub(super) Arc<Mutex<BTreeMap<String, f64>>>);

    struct Cell(Recorder, String);

    impl Cell {
        fn add(&self, by: f64) {
            *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += by;
        }
    }

    impl CounterFn for Cell {
        fn increment(&self, by: u64) {
            self.add(by as f64);
        }

        fn absolute(&self, _: u64) {}
    }

    impl GaugeFn for Cell {
        fn increment(&self, by: f64) {
            self.add(by);
        }

        fn decrement(&self, by: f64) {
            self.add(-by);
        }

        fn set(&self, _: f64) {}
    }

    impl HistogramFn for Cell {
        fn record(&self, _: f64) {
            self.add(1.0);
        }
    }

    impl Recorder {
        fn cell(&self, key: &Key) -> Arc<Cell> {
            let labels: Vec<_> = key.labels().map(|label| label.value().to_owned()).collect();
            Arc::new(Cell(
                self.clone(),
                format!("{} {}", key.name(), labels.join(" ")).trim().to_owned(),
            ))
        }
    }

    impl metrics::Recorder for Recorder {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.cell(key))
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.cell(key))
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.cell(key))
        }
    }
}

#[cfg(feature = "metrics")]
#[tokio::test]
async fn everything_is_counted() -> Outcome {
    use le_bots::bot::{Shutdown, telemetry};

    let recorder = recorder::Recorder::default();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "echo one")?;
    consumer.hears("one").await?;
    consumer.say("fail")?;
    parrot.log.wait("failed").await;
    consumer.close()?;
    parrot.log.wait("closed").await;
    bot.shutdown(Shutdown::HandBack).await?;
    let seen = recorder.0.lock().unwrap().clone();
    let value = |name: &str| {
        seen.get(name)
            .copied()
            .unwrap_or_else(|| panic!("no {name} in {seen:#?}"))
    };
    assert_eq!(value(&format!("{} accepted", telemetry::RINGS)), 1.0);
    assert_eq!(value(&format!("{} message", telemetry::HANDLER_DURATION)), 2.0);
    assert_eq!(value(&format!("{} message", telemetry::HANDLER_FAILURES)), 1.0);
    assert_eq!(value(telemetry::LAG), 2.0);
    for zero in [telemetry::CONNECTIONS, telemetry::CONVERSATIONS, telemetry::OUTBOX] {
        assert_eq!(value(zero), 0.0, "{zero}");
    }
    Ok(())
}
