#include "http/pages/asset.hpp"

namespace tally::http {

std::span<const Asset> embedded_assets() { return {}; }

}  // namespace tally::http
