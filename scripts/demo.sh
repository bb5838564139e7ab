#!/usr/bin/env bash
# Builds spinode, runs the main job (a Na scaffold in quenched Li-Na, 3D) and draws it. Needs Debian 12; root or sudo
# for what is not installed yet.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

ensure_packages $build_packages $picture_packages
cmake --preset release >/dev/null
cmake --build --preset release

results=results/li-na_scaffold
build/release/spinode run configs/li-na_scaffold.toml --output "$results" --overwrite
figure=$(PYTHONPATH=postprocess /usr/bin/python3 -m spinode_post summary "$results")

echo
echo "picture:    ${figure##*$'\n'}"
echo "ParaView:   $results/li-na_scaffold.xdmf"
echo "snapshots:  $results/snapshots/ ($(ls "$results"/snapshots/*.hdf | wc -l) files, HDF5)"
echo "curves:     $results/timeseries.csv, $results/structure_factor.h5, $results/summary.json"
