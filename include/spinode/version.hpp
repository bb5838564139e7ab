// The version of spinode, with the commit it was built from.
#pragma once

#include <string_view>

namespace spinode {

/// For example "0.1.0+3f2a91c-dirty".
std::string_view version();

}  // namespace spinode
