//===- Guest.cpp - Kernels in a host of their own -------------------------===//
//
// A request is numbers of 32 bits and raw bytes:
//   length and bytes of the symbol; count and scalars; count of regions and
//   their sizes; count of views and a region and an offset each; the regions
// and the answer the result and the regions. Views of the same memory share a
// region.
//
//===----------------------------------------------------------------------===//

#include "test/kernels/Guest.h"

#include <algorithm>
#include <csignal>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ingot::test;

extern char **environ;

Guest::Guest(const std::string &command, const std::string &module) {
  std::signal(SIGPIPE, SIG_IGN); // a host that ends is a failed call
  int in[2], out[2];
  if (pipe(in) != 0 || pipe(out) != 0)
    return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  for (int descriptor : {in[0], in[1], out[0], out[1]})
    posix_spawn_file_actions_addclose(&actions, descriptor);
  const std::string line = "exec " + command + " " + module;
  const char *words[] = {"sh", "-c", line.c_str(), nullptr};
  if (posix_spawn(&process, "/bin/sh", &actions, nullptr, const_cast<char **>(words), environ) != 0)
    process = -1;
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  requests = fdopen(in[1], "wb");
  answers = fdopen(out[0], "rb");
}

Guest::~Guest() {
  if (requests)
    std::fclose(requests);
  if (answers)
    std::fclose(answers);
  if (process > 0)
    waitpid(process, nullptr, 0);
}

namespace {

struct Region {
  const uint8_t *begin, *end;
  bool written;
};

/// The memory of all views, overlapping parts merged.
std::vector<Region> regionsOf(const std::vector<GuestView> &views) {
  std::vector<Region> all, merged;
  for (const GuestView &view : views)
    all.push_back({view.buffer.at, view.buffer.at + view.buffer.bytes, view.written});
  std::sort(all.begin(), all.end(),
            [](const Region &a, const Region &b) { return a.begin < b.begin; });
  for (const Region &region : all)
    if (merged.empty() || region.begin >= merged.back().end) {
      merged.push_back(region);
    } else {
      merged.back().end = std::max(merged.back().end, region.end);
      merged.back().written |= region.written;
    }
  return merged;
}

} // namespace

int Guest::call(const std::string &symbol, const std::vector<int32_t> &scalars,
                const std::vector<GuestView> &views) {
  constexpr int kGone = -2;
  if (!requests || !answers)
    return kGone;
  const auto put = [&](size_t number) {
    const uint32_t word = uint32_t(number);
    std::fwrite(&word, sizeof word, 1, requests);
  };
  const std::vector<Region> regions = regionsOf(views);
  put(symbol.size());
  std::fwrite(symbol.data(), 1, symbol.size(), requests);
  put(scalars.size());
  for (int32_t scalar : scalars)
    put(uint32_t(scalar));
  put(regions.size());
  for (const Region &region : regions)
    put(size_t(region.end - region.begin));
  put(views.size());
  for (const GuestView &view : views) {
    const auto in = std::find_if(regions.begin(), regions.end(), [&](const Region &region) {
      return view.buffer.at >= region.begin && view.buffer.at < region.end;
    });
    put(size_t(in - regions.begin()));
    put(size_t(view.buffer.at - in->begin) + size_t(view.offset));
  }
  for (const Region &region : regions)
    std::fwrite(region.begin, 1, size_t(region.end - region.begin), requests);
  if (std::fflush(requests) != 0)
    return kGone;

  int32_t result = kGone;
  if (std::fread(&result, sizeof result, 1, answers) != 1)
    return kGone;
  std::vector<uint8_t> bytes;
  for (const Region &region : regions) {
    bytes.resize(size_t(region.end - region.begin));
    if (std::fread(bytes.data(), 1, bytes.size(), answers) != bytes.size())
      return kGone;
    const bool same = std::equal(bytes.begin(), bytes.end(), region.begin);
    if (!same && !region.written)
      return kGone; // an input has changed
    if (region.written)
      std::copy(bytes.begin(), bytes.end(), const_cast<uint8_t *>(region.begin));
  }
  return result;
}
