//! Which conversations a request can name.

le_core::open_enum! {
    /// Which of their conversations a consumer asks for.
    ///
    /// Found in `request state`.
    ///
    /// <https://developers.liveperson.com/consumer-messaging-history-api-overview.html>
    pub enum ConsumerHistoryState {
        /// Closed.
        Close => "close",
        /// Archived.
        Archive => "archive",
    }
}
