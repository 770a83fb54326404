#include <exception>
#include <iostream>

#include "tools/base/private_process.hpp"
#include "tools/base/standard_streams.hpp"
#include "tools/cli/command_line.hpp"
#include "tools/cli/surroundings.hpp"

int main(int argc, char** argv) {
  tally::tools::hold_standard_streams();
  tally::tools::keep_files_private();
  try {
    auto surroundings = tally::tools::process_surroundings();
    return static_cast<int>(tally::tools::run_command_line({argv + 1, argv + argc}, surroundings));
  } catch (const std::exception& error) {
    std::cerr << "tally: " << error.what() << '\n';
    return static_cast<int>(tally::tools::Exit::refused);
  }
}
