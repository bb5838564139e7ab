// The phase diagram beneath a map over temperature and composition.
#pragma once

#include "spinode/study/study_folder.hpp"

namespace spinode {

/// Writes phase_diagram/, as `spinode phase-diagram` does, of the system of the first case over the temperatures of the
/// study and a little beyond; nothing unless both `temperature` and `initial.x` are varied. Throws IoError.
void write_phase_map(const StudyFolder& folder);

}  // namespace spinode
