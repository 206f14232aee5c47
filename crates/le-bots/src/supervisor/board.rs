//! A value that many wait for. When it changes, they are woken in the order in which they began to wait, so that what they do
//! next has an order, too; the watch channel of tokio draws lots.

use std::ops::Deref;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The value.
#[derive(Debug)]
pub(super) struct Board<T> {
    /// How often it changed, and what it is.
    value: Mutex<(u64, T)>,
    changed: Notify,
}

/// One who waits for changes.
#[derive(Debug)]
pub(super) struct Watcher<'a, T> {
    board: &'a Board<T>,
    seen: u64,
}

/// A look at the value. It must not be held across an await.
pub(super) struct Look<'a, T>(MutexGuard<'a, (u64, T)>);

impl<T> Deref for Look<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.1
    }
}

impl<T> Board<T> {
    pub(super) fn new(value: T) -> Self {
        Self {
            value: Mutex::new((0, value)),
            changed: Notify::new(),
        }
    }

    pub(super) fn borrow(&self) -> Look<'_, T> {
        Look(self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn send_modify(&self, change: impl FnOnce(&mut T)) {
        let mut look = self.borrow();
        look.0.0 += 1;
        change(&mut look.0.1);
        drop(look);
        self.changed.notify_waiters();
    }

    /// Waits for changes from now on.
    pub(super) fn subscribe(&self) -> Watcher<'_, T> {
        Watcher {
            board: self,
            seen: self.borrow().0.0,
        }
    }
}

impl<'a, T> Watcher<'a, T> {
    /// The value, which counts as seen.
    pub(super) fn borrow_and_update(&mut self) -> Look<'a, T> {
        let look = self.board.borrow();
        self.seen = look.0.0;
        look
    }

    /// Waits until it is another one than was seen last.
    ///
    /// # Cancel safety
    /// A change is not lost.
    pub(super) async fn changed(&mut self) {
        loop {
            // From here on a change wakes us, even before we wait.
            let mut changed = pin!(self.board.changed.notified());
            changed.as_mut().enable();
            let now = self.board.borrow().0.0;
            if now != self.seen {
                self.seen = now;
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use super::Board;

    #[tokio::test]
    async fn those_who_wait_are_woken_in_the_order_in_which_they_came() {
        let board = Arc::new(Board::new(0));
        let woken = Arc::new(Mutex::new(Vec::new()));
        let waiting = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..100)
            .map(|number| {
                let (board, woken, waiting) = (Arc::clone(&board), Arc::clone(&woken), Arc::clone(&waiting));
                tokio::spawn(async move {
                    let mut watcher = board.subscribe();
                    waiting.fetch_add(1, Ordering::Relaxed);
                    watcher.changed().await;
                    woken.lock().unwrap().push(number);
                })
            })
            .collect();
        while waiting.load(Ordering::Relaxed) < 100 {
            tokio::task::yield_now().await;
        }
        board.send_modify(|value| *value += 1);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*woken.lock().unwrap(), (0..100).collect::<Vec<_>>());
        assert_eq!(*board.borrow(), 1);
    }

    #[tokio::test]
    async fn a_change_before_the_wait_is_not_lost() {
        let board = Board::new(0);
        let mut watcher = board.subscribe();
        board.send_modify(|value| *value = 1);
        watcher.changed().await;
        assert_eq!(*watcher.borrow_and_update(), 1);
    }
}
