# Sourced by the other scripts: sees that the Debian packages they need are there.

build_packages="g++ cmake ninja-build git libfftw3-dev libhdf5-dev libeigen3-dev libtomlplusplus-dev libcli11-dev
libfmt-dev libudunits2-dev librandom123-dev libxxhash-dev libboost-dev nlohmann-json3-dev"
picture_packages="python3 python3-numpy python3-scipy python3-h5py python3-pil python3-matplotlib ffmpeg"
test_packages="catch2 libbenchmark-dev python3-pytest slurm-wlm munge"
sanitizer_packages="clang libclang-rt-dev libomp-dev"
paraview_packages="paraview python3-paraview xvfb xauth"

# Names the packages that are missing, then installs them, as root or through sudo.
ensure_packages() {
  local missing="" package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "installing Debian packages:$missing"
  local as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run this as root, or install sudo, or run: apt-get install$missing" >&2; return 1; }
    as_root="sudo"
  fi
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
