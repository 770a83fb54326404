#include "http/pages/asset.hpp"

namespace tally::http::pages {

std::span<const Asset> embedded_assets() { return {}; }

}  // namespace tally::http::pages
