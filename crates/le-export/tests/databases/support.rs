//! Records and windows.

use le_core::Timestamp;
use le_core::wire::RawRecord;
use le_export::{Destination, Entry, Mode, Window, WindowCounts};

pub(crate) fn window(day: u32) -> Window {
    let next = day + 1;
    format!("2026-01-{day:02}T00-00Z_2026-01-{next:02}T00-00Z")
        .parse()
        .unwrap()
}

/// A conversation of that day with so many messages.
pub(crate) fn record(day: u32, number: usize, messages: usize) -> Entry {
    let start = window(day).from().as_millis() + number as i64;
    let key = format!("c-{day}-{number}");
    let message = |at: usize| {
        format!(
            r#"{{"messageId":"{key}::{at}","seq":{at},"timeL":{},"messageData":{{"msg":{{"text":"tab\t \\ \"é\" {at}\n\u0000."}}}}}}"#,
            start + at as i64
        )
    };
    let messages: Vec<String> = (0..messages).map(message).collect();
    let json = format!(
        "{{\n \"info\":{{\"conversationId\":\"{key}\",\"startTimeL\":{start},\"latestSkillName\":\"skill {}\",\"latestSkillId\":{},
          \"csatRate\":{},\"duration\":60000,\"firstConversation\":true,\"endTimeL\":-1}},
          \"consumerParticipants\":[{{\"participantId\":\"p-{number}\"}}],\"messageRecords\":[{}]}}",
        number % 3,
        number % 3,
        number % 5 + 1,
        messages.join(",")
    );
    Entry::new(key, Some(Timestamp::from_millis(start)), RawRecord::new(json).unwrap())
}

pub(crate) fn records(day: u32, count: usize) -> Vec<Entry> {
    (0..count).map(|number| record(day, number, number % 4)).collect()
}

/// Writes a window, in pages.
pub(crate) async fn write(to: &dyn Destination, day: u32, mode: Mode, entries: Vec<Entry>) -> WindowCounts {
    let mut writer = to.begin(&window(day), mode).await.unwrap();
    for page in entries.chunks(7) {
        writer.write(page.to_vec()).await.unwrap();
    }
    writer.commit().await.unwrap()
}
