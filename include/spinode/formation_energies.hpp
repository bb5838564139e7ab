// Formation energies of a solid solution at 0 K from a CSV file: given as such, or worked out from the total energies
// of supercells, G_f = [E - n_host e_host - n_solute e_solute]/(n_host + n_solute) with e the energy of a pure metal.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace spinode {

struct FormationEnergy {
  double x = 0;      // mole fraction of the solute, 0 < x < 1
  double G = 0;      // J/mol
  double error = 0;  // standard error [J/mol]; 0 when the file has none
};

/// The cell of a pure metal that the energies of cells are measured from.
struct PureCell {
  std::size_t line = 0;   // of the file
  std::size_t cells = 0;  // of this metal in the file; the one with the most atoms is taken, then the lowest
  double atoms = 0;
  double G = 0;      // energy [J/mol]
  double error = 0;  // its standard error [J/mol], which all formation energies share; 0 when the file has none
};

struct FormationEnergies {
  std::vector<FormationEnergy> rows;
  bool has_errors = false;
  std::vector<PureCell> pure;  // host, solute; empty when the file gives formation energies

  /// Reads a CSV file with one of the headers
  ///   n_host,n_solute,energy_eV[,error_eV]           atoms and total energy of a cell
  ///   x,formation_energy_UNIT[,error_UNIT]           UNIT = J_per_mol, kJ_per_mol, eV_per_atom, meV_per_atom
  /// Blank lines and lines that begin with # are skipped. Pure metals are not among the rows.
  /// Throws IoError when the file cannot be read, ConfigError with its first 20 faults, "file:line: given: allowed".
  static FormationEnergies read(const std::filesystem::path& file);
};

}  // namespace spinode
