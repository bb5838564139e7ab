#!/usr/bin/env bash
# Builds everything and runs every test: the C++ tests through ctest, post-processing, and the ParaView route; then the
# unit tests and fuzzing under sanitizers. Needs Debian 12; root or sudo for what is not installed yet.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

ensure_packages $build_packages $picture_packages $test_packages $paraview_packages $sanitizer_packages
for preset in ci sanitize; do
  cmake --preset $preset >/dev/null
  cmake --build --preset $preset
  ctest --preset $preset
done
