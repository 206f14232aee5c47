//! What the links of both sides have in common.

/// The methods of a link. `$link` has the fields `shared` and `lifeline`.
macro_rules! common_methods {
    ($link:ty) => {
        impl $link {
            /// Sends a request when it is awaited; see [`LinkCall`] for what happens where there is no connection.
            pub fn request<R: Request + 'static>(&self, request: R) -> LinkCall<R> {
                LinkCall::new(Arc::clone(&self.shared), self.lifeline.clone(), request)
            }

            /// Publishes an event. Where its answer is lost, the history tells what became of it: see [`LinkCall`].
            pub fn publish(&self, publish: PublishEvent) -> LinkCall<PublishEvent> {
                self.request(publish)
            }

            /// What the link is doing, to look at and to wait for.
            #[must_use]
            pub fn state(&self) -> tokio::sync::watch::Receiver<super::LinkState> {
                self.shared.state.subscribe()
            }

            /// The newest state of a conversation that is followed.
            #[must_use]
            pub fn conversation(&self, id: &ConversationId) -> Option<Arc<Conversation>> {
                self.shared.read(|core| core.conversation(id))
            }

            /// The newest states of all conversations that are followed, in the order of their ids.
            #[must_use]
            pub fn conversations(&self) -> Vec<Arc<Conversation>> {
                self.shared.read(|core| {
                    let entries = core.roster.iter_mut();
                    entries.filter_map(|(_, entry)| entry.newest()).collect()
                })
            }

            /// Says that the event with this sequence, and all before it in its dialog, were handled. A restarted process that has the
            /// [`resume`](Self::resume) position begins behind it.
            pub fn handled(&self, dialog: &DialogId, sequence: i64) {
                self.shared.read(|core| core.handled(dialog, sequence));
            }

            /// Says that the end of a conversation ([`Delivery::Left`](super::Delivery::Left)) was dealt with. Until then a restarted process
            /// is told of it again.
            pub fn left_handled(&self, conversation: &ConversationId) {
                self.shared.read(|core| core.left_handled(conversation));
            }

            /// Goes back: the events of a dialog after this sequence (-1: all) are delivered once more, as if they had never been.
            ///
            /// For a reader that had to let go of what it had taken. It has no effect on a conversation that has left.
            pub fn redeliver(&self, dialog: &DialogId, after: i64) {
                self.shared.with(|core| core.ledger.rewind(dialog, after));
                self.shared.wake.notify_one();
            }

            /// Where the link is, to be saved for a restart.
            #[must_use]
            pub fn resume(&self) -> super::Resume {
                self.shared.read(|core| core.resume())
            }

            /// Figures for health checks and metrics.
            #[must_use]
            pub fn figures(&self) -> super::Figures {
                self.shared.figures()
            }

            /// The time at the server, as far as it is known: due times and expiries are to be compared with it.
            #[must_use]
            pub fn server_now(&self) -> le_core::Timestamp {
                self.shared.server_now()
            }

            /// Ends the link: the socket is closed in good order, requests that wait fail, and the deliveries end behind what was
            /// waiting. Waits until that has happened.
            ///
            /// # Cancel safety
            /// The link ends also where the future is dropped.
            pub async fn shutdown(&self) -> super::Ended {
                self.stop();
                self.ended().await
            }

            /// The same without waiting for it.
            pub(crate) fn stop(&self) {
                self.shared.stop.send_replace(true);
            }

            /// Waits until the link is over, and tells why. It is the same answer for everyone.
            ///
            /// # Cancel safety
            /// Dropping the future changes nothing.
            pub async fn ended(&self) -> super::Ended {
                let mut state = self.shared.state.subscribe();
                let ended = state.wait_for(|state| state.ended().is_some()).await;
                // The sender lives as long as this handle does.
                let ended = ended.ok().and_then(|state| state.ended().cloned());
                ended.unwrap_or(super::Ended::ShutDown)
            }
        }
    };
}
pub(super) use common_methods;
