//! What the kernel knows of a process: CPU time and peak memory. Linux only; elsewhere the figures are missing.

use std::fs;
use std::time::Duration;

/// CPU time of the main thread of a process, user and kernel: here it does all the work.
pub(crate) fn cpu(pid: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// CPU time of all threads of a process that are alive, user and kernel.
pub(crate) fn whole_cpu(pid: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let of = |thread: std::io::Result<fs::DirEntry>| -> Option<u64> {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    Some(Duration::from_nanos(threads.filter_map(of).sum()))
}

/// Peak resident memory of this process in bytes.
pub(crate) fn peak_memory() -> Option<u64> {
    status("self", "VmHWM:")
}

/// The same of another process.
pub(crate) fn peak_memory_of(pid: u32) -> Option<u64> {
    status(&pid.to_string(), "VmHWM:")
}

/// Resident memory of this process in bytes, now.
pub(crate) fn memory() -> Option<u64> {
    status("self", "VmRSS:")
}

fn status(process: &str, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// Keeps this process on one core, where the machine has more than one.
pub(crate) fn pin(core: usize) {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    if let (true, Some(id)) = (cores.len() > 1, cores.get(core % cores.len().max(1))) {
        core_affinity::set_for_current(*id);
    }
}

/// The middle of the sorted figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The processor's name and the number of cores, for the table's caption.
pub(crate) fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{}, {cores} cores seen", name.unwrap_or(std::env::consts::ARCH))
}
