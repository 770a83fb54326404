#pragma once

namespace tally::tools {

/// Lets this thread run before the process's others whenever it can. False where the system refuses: that needs
/// CAP_SYS_NICE or a limit that allows it (RLIMIT_NICE, systemd's LimitNICE=). Source: setpriority(2), whose nice value
/// is a thread's on Linux; docs/adr/0008.
bool prefer_this_thread();

/// Lets the process's others run before this thread: needs no leave. False where the system has no such thing. For
/// good: without leave, no thread comes back.
bool yield_to_others();

/// The same, behind those that yield as well.
bool run_last();

}  // namespace tally::tools
