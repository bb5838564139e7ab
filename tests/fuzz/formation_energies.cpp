// Formation energies in CSV, and their fits as spinode fit takes them.
#include "spinode/formation_energies.hpp"

#include "fuzz.hpp"
#include "spinode/thermo/fit.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  fuzz::expect_named_errors([&] {
    const fuzz::InputFile file(fuzz::text_of(data, size));
    const FormationEnergies energies = FormationEnergies::read(file.path());
    static_cast<void>(choose_terms(fit_redlich_kister(energies, 10)));
    static_cast<void>(dilute_limit(energies));
  });
  return 0;
}
