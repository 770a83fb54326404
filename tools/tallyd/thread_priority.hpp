#pragma once

namespace tally::tools {

/// Lets this thread run before the process's others whenever it can. False where the system refuses: that needs
/// CAP_SYS_NICE or a limit that allows it (RLIMIT_NICE, systemd's LimitNICE=). Source: setpriority(2), whose nice value
/// is a thread's on Linux; docs/adr/0008.
bool prefer_this_thread();

}  // namespace tally::tools
