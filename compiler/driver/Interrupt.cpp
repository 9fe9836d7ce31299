#include "compiler/driver/Interrupt.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace ingot;

namespace {

struct State {
  std::recursive_mutex mutex; // held while an interrupt is handled, so nothing else goes on
  std::vector<Interrupt::Action *> actions;
  std::atomic<bool> pending = false;
};

// Never destroyed: the waiting thread outlives main's statics.
State &state() {
  static State *const only = new State;
  return *only;
}

sigset_t awaitedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int number : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&signals, number);
  return signals;
}

} // namespace

void Interrupt::install() {
  const sigset_t signals = awaitedSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals] {
    int number = 0;
    while (sigwait(&signals, &number) != 0) {
    }
    State &s = state();
    s.pending = true;
    std::lock_guard lock(s.mutex);
    for (auto action = s.actions.rbegin(); action != s.actions.rend(); ++action)
      (*action)->body();
    _exit(128 + number);
  }).detach();
}

void Interrupt::waitIfPending() {
  while (state().pending)
    pause();
}

void Interrupt::hold(const std::function<void()> &body) {
  std::lock_guard lock(state().mutex);
  body();
}

Interrupt::Action::Action(std::function<void()> body) : body(std::move(body)) {
  hold([this] { state().actions.push_back(this); });
}

Interrupt::Action::~Action() {
  hold([this] { std::erase(state().actions, this); });
}
