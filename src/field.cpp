#include "spinode/field.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "spinode/parallel.hpp"

namespace spinode::detail {

void Free::operator()(void* memory) const { std::free(memory); }

void* allocate(std::size_t count, std::size_t size) {
  constexpr std::size_t alignment = 64, page = 4096;
  if (count > (std::numeric_limits<std::size_t>::max() - alignment) / size) throw std::bad_alloc();
  const std::size_t rounded = (std::max<std::size_t>(count * size, 1) + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded);
  if (!memory) throw std::bad_alloc();
  const std::size_t pages = (rounded + page - 1) / page;
  for_rows(pages, [&](Rows share) {
    const std::size_t begin = share.begin * page, end = std::min(share.end * page, rounded);
    std::memset(static_cast<char*>(memory) + begin, 0, end - begin);
  });
  return memory;
}

}  // namespace spinode::detail
