#!/usr/bin/env bash
# Builds everything and runs every test: the C++ tests through ctest, post-processing, and the ParaView route; then the
# unit tests and fuzzing under sanitizers. Needs Debian 12; root or sudo for what is not installed yet.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

ensure_packages $build_packages $picture_packages $test_packages $paraview_packages $sanitizer_packages
test_preset() {
  local preset=$1
  cmake --preset "$@" >/dev/null
  cmake --build --preset $preset
  ctest --preset $preset
}
# Unit tests run once, where they see most.
test_preset ci -D SPINODE_UNIT_TESTS=OFF
test_preset sanitize
