// Redlich-Kister parameters of a binary substitutional phase out of a Thermo-Calc database (TDB), worked out exactly or
// refused (Sundman & Agren 1981 for the sublattices; Andersson et al. 2002 for the database).
#pragma once

#include <filesystem>
#include <string>

#include "spinode/system_file.hpp"

namespace spinode {

/// Mixing of `host` and `solute`, element symbols in any case, in a phase of a database: energies per mole of formula
/// units, x the fraction of the solute on the sublattice where they mix, `sites` of which are in a formula unit.
/// Throws IoError when the file cannot be read; ConfigError when it is not a database, when the phase mixes them in a
/// way that is not sites RT [x ln x + (1-x) ln(1-x)] + x(1-x) sum_k L_k (1-2x)^k, or an L_k not a + b T + c T ln T.
SystemFile read_tdb(const std::filesystem::path& file, const std::string& phase, const std::string& host,
                    const std::string& solute);

}  // namespace spinode
