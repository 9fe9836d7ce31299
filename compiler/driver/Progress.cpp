#include "compiler/driver/Progress.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace ingot;

Progress::Progress(bool verbose) : verbose(verbose) {
  const char *noColour = getenv("NO_COLOR");
  const char *kind = getenv("TERM");
  terminal = isatty(STDERR_FILENO) && !(kind && llvm::StringRef(kind) == "dumb");
  colour = terminal && !(noColour && *noColour);
}

Progress::~Progress() { end(); }

void Progress::begin(llvm::StringRef name, uint64_t count) {
  end();
  step = name.str();
  total = count;
  running = true;
  began = lastDrawn = std::chrono::steady_clock::now();
  draw(0, {});
}

void Progress::advance(uint64_t done, llvm::StringRef detail) {
  // Often enough for an eye, seldom enough to cost nothing.
  const auto now = std::chrono::steady_clock::now();
  if (now - lastDrawn < std::chrono::milliseconds(50))
    return;
  lastDrawn = now;
  draw(done, detail);
}

void Progress::end(llvm::StringRef remark) {
  clear();
  if (running && verbose) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
    llvm::errs() << llvm::format("%7.2f s  ", seconds.count()) << step
                 << (remark.empty() ? "" : ": ") << remark << '\n';
  }
  running = false;
}

void Progress::note(llvm::StringRef text) {
  clear();
  llvm::errs() << text << '\n';
}

void Progress::draw(uint64_t done, llvm::StringRef detail) {
  if (!terminal)
    return;
  constexpr unsigned kBar = 24;
  std::string line;
  llvm::raw_string_ostream os(line);
  if (total != 0) {
    const unsigned full = static_cast<unsigned>(std::min(done, total) * kBar / total);
    os << '[' << std::string(full, '=') << std::string(kBar - full, ' ') << "] "
       << std::min(done, total) * 100 / total << "% ";
  }
  os << step << ' ' << detail;
  winsize size = {};
  const size_t width =
      ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
  line.resize(std::min(line.size(), width));
  llvm::errs() << "\r\033[K" << (colour ? "\033[36m" : "") << line << (colour ? "\033[0m" : "");
  drawn = true;
}

void Progress::clear() {
  if (drawn)
    llvm::errs() << "\r\033[K";
  drawn = false;
}
