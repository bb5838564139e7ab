// What a run will need: memory while it goes, room for what it leaves behind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "spinode/case.hpp"

namespace spinode {

/// Bytes of memory at the peak of a run, beside those of the program itself.
double memory_bytes(const Case& config);

/// Bytes of one snapshot before compression.
double snapshot_bytes(const Case& config);

/// Snapshots of a run: of the start, of its times, and of the end of each step of a protocol.
double snapshot_count(const Case& config);

/// Bytes of a checkpoint.
double checkpoint_bytes(const Case& config);

/// Bytes of all that a run writes: snapshots before compression, S(k), profiles, tables for some ten thousand steps,
/// two checkpoints and one that is being written.
double output_bytes(const Case& config);

/// What a run needs and the machine, or the disk of `folder`, has not: a line for each, with the numbers.
std::vector<std::string> shortages(const Case& config, const std::filesystem::path& folder);

/// Throws NumericalError when there is less memory than the run needs.
void require_memory(const Case& config);

}  // namespace spinode
