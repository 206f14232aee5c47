//! Leases in files: between handles that share nothing but the directory, as processes do.

use std::time::Duration;

use le_bots::fleet::lease::{FileLeases, Grant, Leases as _};

const TTL: Duration = Duration::from_secs(1);

fn two() -> (tempfile::TempDir, FileLeases, FileLeases) {
    let dir = tempfile::tempdir().unwrap();
    let open = || FileLeases::open(dir.path().join("leases")).unwrap();
    let (one, two) = (open(), open());
    (dir, one, two)
}

#[tokio::test]
async fn one_has_it_and_fences_rise_with_each_holder() {
    let (_dir, one, two) = two();
    let first = one.acquire("70011223/a bot", TTL).await.unwrap().unwrap();
    assert_eq!(two.acquire("70011223/a bot", TTL).await.unwrap(), None);
    assert!(two.acquire("70011223/another", TTL).await.unwrap().is_some());
    assert!(one.renew("70011223/a bot", &first, TTL).await.unwrap());
    assert!(!two.renew("70011223/a bot", &first, TTL).await.unwrap());
    // What somebody else gives back is not given back.
    two.release("70011223/a bot", &first).await.unwrap();
    assert_eq!(two.acquire("70011223/a bot", TTL).await.unwrap(), None);
    one.release("70011223/a bot", &first).await.unwrap();
    let second = two.acquire("70011223/a bot", TTL).await.unwrap().unwrap();
    assert!(second.fence > first.fence);
    // Who asks again gets a higher fence, and the old one is worth nothing.
    let third = two.acquire("70011223/a bot", TTL).await.unwrap().unwrap();
    assert!(third.fence > second.fence);
    assert!(!two.renew("70011223/a bot", &second, TTL).await.unwrap());
    assert!(two.renew("70011223/a bot", &third, TTL).await.unwrap());
}

#[tokio::test]
async fn a_holder_that_is_gone_has_lost_it_at_once() {
    let (_dir, one, two) = two();
    let first = one.acquire("k", TTL).await.unwrap().unwrap();
    drop(one);
    let second = two.acquire("k", TTL).await.unwrap().unwrap();
    assert!(second.fence > first.fence);
}

/// On one thread for blocking work, so that what is asked for happens in that order, and not before it may.
#[test]
fn a_lease_that_nobody_waits_for_any_more_is_not_kept() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (_dir, one, two) = two();
        let begin = async || {
            let (go, wait) = std::sync::mpsc::channel::<()>();
            tokio::task::spawn_blocking(move || wait.recv());
            let mut taking = one.acquire("k", TTL);
            assert!(futures_util::poll!(&mut taking).is_pending());
            (taking, go)
        };
        // Left before it was taken.
        let (taking, go) = begin().await;
        drop(taking);
        drop(go);
        let grant = two.acquire("k", TTL).await.unwrap().unwrap();
        two.release("k", &grant).await.unwrap();
        // Left after it was taken, and before anybody was told.
        let (taking, go) = begin().await;
        drop(go);
        assert_eq!(two.acquire("k", TTL).await.unwrap(), None);
        drop(taking);
        assert!(two.acquire("k", TTL).await.unwrap().is_some());
    });
}

#[tokio::test]
async fn keys_cannot_leave_the_directory() {
    let (dir, one, _) = two();
    one.acquire("../../out", TTL).await.unwrap().unwrap();
    let inside: Vec<_> = std::fs::read_dir(dir.path().join("leases")).unwrap().collect();
    assert_eq!(inside.len(), 1);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_deleted_is_no_lease_any_more() {
    let (dir, one, two) = two();
    let first: Grant = one.acquire("k", TTL).await.unwrap().unwrap();
    std::fs::remove_file(dir.path().join("leases").join("k.lease")).unwrap();
    let second = two.acquire("k", TTL).await.unwrap().unwrap();
    assert!(second.fence > first.fence, "fences rise also without the file");
    assert!(!one.renew("k", &first, TTL).await.unwrap());
}

#[tokio::test]
async fn a_file_without_a_number_says_what_to_do() {
    let (dir, one, _) = two();
    std::fs::write(dir.path().join("leases").join("k.lease"), "seven").unwrap();
    let error = one.acquire("k", TTL).await.unwrap_err();
    assert!(error.to_string().contains("delete the files"), "{error}");
}
