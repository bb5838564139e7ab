#include "spinode/output/checkpoints.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "spinode/error.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

/// Of what a checkpoint holds; one of another format is refused.
constexpr std::int64_t format = 3;

}  // namespace

fs::path Checkpoints::file(std::size_t i) const { return folder_ / (i == 0 ? "a.h5" : "b.h5"); }

std::optional<Hdf5File> Checkpoints::latest() {
  std::optional<Hdf5File> newest;
  damaged_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (!fs::exists(file(i))) continue;
    try {
      Hdf5File candidate = Hdf5File::open_checked(file(i));
      if (const double found = candidate.read_number("/", "format"); found != static_cast<double>(format))
        throw IoError(fmt::format("{}: is a checkpoint of format {}, expected {}: it was written by spinode {}",
                                  file(i).string(), found, format, candidate.read_text("/", "spinode_version")));
      const auto number = static_cast<std::int64_t>(candidate.read_number("/", "number"));
      if (newest && number <= number_) continue;
      number_ = number;
      next_ = (i + 1) % count;
      newest.emplace(std::move(candidate));
    } catch (const IoError& error) {
      damaged_.emplace_back(error.what());
    }
  }
  if (!newest && !damaged_.empty()) throw IoError(fmt::format("{}", fmt::join(damaged_, "; ")));
  return newest;
}

void Checkpoints::write(const std::function<void(Hdf5File&)>& fill) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw IoError(fmt::format("{}: cannot be made: {}", folder_.string(), error.message()));
  Hdf5File out = Hdf5File::create_checked(file(next_));
  out.attribute("/", "format", format);
  out.attribute("/", "number", number_ + 1);
  fill(out);
  out.publish();
  ++number_;
  next_ = (next_ + 1) % count;
}

}  // namespace spinode
