// An archive whose values are the attributes and datasets of an HDF5 file.
#pragma once

#include "spinode/archive.hpp"
#include "spinode/hdf5.hpp"

namespace spinode {

class Hdf5Archive final : public Archive {
 public:
  enum class Way { to_file, from_file };
  Hdf5Archive(Hdf5File& file, Way way) : file_(&file), way_(way) {}

  bool reads() const override { return way_ == Way::from_file; }

 private:
  void number(const std::string& path, double& value) override;
  void whole(const std::string& path, std::int64_t& value) override;
  void text(const std::string& path, std::string& value) override;
  void numbers(const std::string& path, std::vector<double>& values, std::size_t count) override;
  void array(const std::string& path, double* values, std::size_t count) override;
  void array(const std::string& path, float* values, std::size_t count) override;
  [[noreturn]] void damaged(const std::string& path) const override;

  Hdf5File* file_;
  Way way_;
};

}  // namespace spinode
