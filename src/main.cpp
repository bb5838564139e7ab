// The command `spinode`.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>

#include "command/command.hpp"
#include "spinode/error.hpp"
#include "spinode/version.hpp"

namespace {

template <class Error>
int fail(const Error& error) {
  std::cerr << error.what() << "\n";
  return error.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("spinode: how a Li-Na anode forms its scaffold");
  app.set_version_flag("--version", std::string(spinode::version()));
  app.require_subcommand(1);
  for (const auto add : spinode::command::all) add(app);

  // Arrays go back to the system when they are freed: needs count on it. Not so the buffers, up to 512 kB, that FFTW
  // takes and frees as it transforms.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 23);
  // A file that grows beyond a limit is then an error of the write like any other.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : spinode::ConfigError::exit_code;
  } catch (const spinode::ConfigError& error) {
    return fail(error);
  } catch (const spinode::NumericalError& error) {
    return fail(error);
  } catch (const spinode::IoError& error) {
    return fail(error);
  } catch (const spinode::Stopped& error) {
    return fail(error);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(spinode::IoError(error.path1().string() + ": " + error.code().message()));
  } catch (const std::bad_alloc&) {
    return fail(spinode::NumericalError("there is not enough memory: spinode check says how much a run needs"));
  }
  return 0;
}
