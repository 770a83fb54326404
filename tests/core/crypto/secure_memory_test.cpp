#include <algorithm>
#include <cstdint>
#include <dlfcn.h>
#include <string_view>

#include <botan/mem_ops.h>
#include <catch2/catch.hpp>

namespace tally::core::crypto {
namespace {

constexpr std::size_t kBytes = 64;

/// The program or library that a function is found in by whoever asks for it by name, Botan itself included.
std::string_view home_of(const char* mangled_name) {
  Dl_info found{};
  void* const address = ::dlsym(RTLD_DEFAULT, mangled_name);
  REQUIRE(address != nullptr);
  REQUIRE(::dladdr(address, &found) != 0);
  return found.dli_fname;
}

TEST_CASE("secure memory: Botan takes it from this program, and not from its own pool", "[core][crypto]") {
  CHECK(home_of("_ZN5Botan15allocate_memoryEmm").find("libbotan") == std::string_view::npos);
  CHECK(home_of("_ZN5Botan17deallocate_memoryEPvmm").find("libbotan") == std::string_view::npos);
}

TEST_CASE("secure memory: zeroed, and none for nothing", "[core][crypto]") {
  void* const memory = Botan::allocate_memory(kBytes, 2);
  REQUIRE(memory != nullptr);
  const auto* const bytes = static_cast<const std::uint8_t*>(memory);
  CHECK(std::all_of(bytes, bytes + 2 * kBytes, [](std::uint8_t byte) { return byte == 0; }));
  Botan::deallocate_memory(memory, kBytes, 2);
  CHECK(Botan::allocate_memory(0, kBytes) == nullptr);
  CHECK(Botan::allocate_memory(kBytes, 0) == nullptr);
  Botan::deallocate_memory(nullptr, 0, kBytes);
}

}  // namespace
}  // namespace tally::core::crypto
