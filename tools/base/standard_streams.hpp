#pragma once

namespace tally::tools {

/// Call first in main(). A process whose standard streams came closed would give their numbers to the next files that
/// it opens, and write into them what is meant for a person. Afterwards to write to such a stream fails.
void hold_standard_streams();

}  // namespace tally::tools
