#include <cstring>
#include <limits>
#include <new>

#include <botan/mem_ops.h>

#include "core/base/check.hpp"

/// Botan's allocator, replaced in every program that links this: its own keeps all secrets in one pool behind one
/// mutex, which every thread that hashes, seals or signs takes a dozen times a request. Memory is zeroed before its use
/// and wiped after it, as there; it is not locked into RAM. Source: docs/adr/0007-memory-without-one-lock.md.
namespace Botan {

void* allocate_memory(std::size_t elements, std::size_t element_bytes) {
  if (elements == 0 || element_bytes == 0) return nullptr;
  TALLY_CHECK(elements <= std::numeric_limits<std::size_t>::max() / element_bytes);
  void* const memory = ::operator new(elements * element_bytes);
  std::memset(memory, 0, elements * element_bytes);
  return memory;
}

void deallocate_memory(void* memory, std::size_t elements, std::size_t element_bytes) {
  if (memory == nullptr) return;
  secure_scrub_memory(memory, elements * element_bytes);
  ::operator delete(memory);
}

}  // namespace Botan
