#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Stands in for libFuzzer: gives every file of a folder to the target. An empty corpus is a failure.
int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fputs("usage: fuzz_TARGET CORPUS_FOLDER\n", stderr);
    return 2;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{arguments[1]}) {
    std::ifstream file{entry.path(), std::ios::binary};
    // A vector of exactly the file's size, so that AddressSanitizer sees a read beyond it.
    const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
    std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++files;
  }
  std::printf("%zu inputs\n", files);
  return files == 0 ? 1 : 0;
}
