#include "spinode/field.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "spinode/parallel.hpp"

namespace spinode::detail {

void Free::operator()(void* memory) const {
  if (owned) std::free(memory);
}

void* allocate(std::size_t count, std::size_t size) {
  // Large arrays are walked through in strides of a plane, a page table entry a row: pages had better be large.
  constexpr std::size_t line = 64, page = 4096, large_page = std::size_t{1} << 21;
  if (count > (std::numeric_limits<std::size_t>::max() - large_page) / size) throw std::bad_alloc();
  const std::size_t alignment = count * size >= 2 * large_page ? large_page : line;
  const std::size_t rounded = (std::max<std::size_t>(count * size, 1) + line - 1) / line * line;
  void* const memory = std::aligned_alloc(alignment, (rounded + alignment - 1) / alignment * alignment);
  if (!memory) throw std::bad_alloc();
  if (alignment == large_page) madvise(memory, rounded / large_page * large_page, MADV_HUGEPAGE);
  const std::size_t pages = (rounded + page - 1) / page;
  for_rows(pages, [&](Rows share) {
    const std::size_t begin = share.begin * page, end = std::min(share.end * page, rounded);
    std::memset(static_cast<char*>(memory) + begin, 0, end - begin);
  });
  return memory;
}

}  // namespace spinode::detail
