#pragma once

#include <string>
#include <vector>

namespace tally::projections {

/// A part of a list.
template <class Item>
struct Page {
  std::vector<Item> items;
  std::string next;  ///< Empty: the last page.
};

}  // namespace tally::projections
