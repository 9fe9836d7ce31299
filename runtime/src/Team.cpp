#include "runtime/src/Team.h"

#include "runtime/platform/Machine.h"
#include "runtime/src/Memory.h"

using namespace ingot;

namespace {
// About 50 to 150 us of hints, more than any barrier waits for when every thread has its CPU; a
// park and wake-up costs about 10 us each.
constexpr uint32_t spinsWithCpu = 4000;
// Threads share CPUs: the one waited for may need ours.
constexpr uint32_t spinsCrowded = 32;
} // namespace

void WaitWord::waitWhile(uint32_t value, uint32_t spins) noexcept {
  for (uint32_t i = 0; i < spins; ++i) {
    if (word.loadAcquire() != value)
      return;
    platform::spinHint();
  }
  sleepers.add(1);
  while (word.loadSequential() == value)
    platform::park(&word.value, value);
  sleepers.subtract(1);
}

void WaitWord::advance() noexcept {
  word.add(1);
  if (sleepers.loadSequential() != 0)
    platform::wakeAll(&word.value);
}

void Barrier::arriveAndWait(uint32_t threads, uint32_t spins) noexcept {
  constexpr uint32_t countBits = 16;
  static_assert(maxThreads < (1u << countBits));
  const uint32_t before = word.add(1);
  if ((before + 1) % (1u << countBits) == threads) {
    taken.storeRelaxed(0);
    word.add((1u << countBits) - threads); // nobody arrives for the next meeting before this
    if (sleepers.loadSequential() != 0)
      platform::wakeAll(&word.value);
    return;
  }
  const auto over = [before](uint32_t now) { return (now ^ before) >> countBits != 0; };
  for (uint32_t i = 0; i < spins; ++i) {
    if (over(word.loadAcquire()))
      return;
    platform::spinHint();
  }
  sleepers.add(1);
  for (uint32_t now = word.loadSequential(); !over(now); now = word.loadSequential())
    platform::park(&word.value, now); // returns at once where another has arrived since
  sleepers.subtract(1);
}

ingot_status ingot::planTeam(const ingot_team_options &options, TeamPlan &plan) noexcept {
  uint32_t threads = options.threads;
  if (threads == 0)
    threads = options.cpu_count != 0 ? options.cpu_count : platform::usableCores();
  if (options.threads == 0 && threads > maxThreads)
    threads = maxThreads;
  if (threads > maxThreads || options.reserved != 0)
    return INGOT_INVALID_ARGUMENT;
  if (options.cpu_count != 0 && (options.cpus == nullptr || options.cpu_count < threads))
    return INGOT_INVALID_ARGUMENT;
  // Threads of the host are the host's to pin.
  if (options.parallel_for != nullptr && options.cpu_count != 0)
    return INGOT_INVALID_ARGUMENT;
  plan = {threads,
          options.cpu_count != 0 ? options.cpus : nullptr,
          options.parallel_for,
          options.parallel_for_user,
          options.log,
          options.log_user};
  return INGOT_OK;
}

size_t ingot::teamBytes(const TeamPlan &plan) noexcept {
  return (sizeof(ingot_team) + plan.threads * sizeof(Worker) + 63) / 64 * 64;
}

ingot_status ingot_team::create(const TeamPlan &plan, void *memory) noexcept {
  clearBytes(memory, teamBytes(plan));
  ingot_team *team = static_cast<ingot_team *>(memory);
  team->threads = plan.threads;
  team->spins = plan.threads <= platform::usableCpus() ? spinsWithCpu : spinsCrowded;
  team->parallelFor = plan.parallelFor;
  team->parallelForUser = plan.parallelForUser;
  if (team->parallelFor == nullptr) {
    for (uint32_t t = 1; t < plan.threads; ++t) {
      Worker &worker = team->workers()[t];
      worker.team = team;
      worker.index = t;
      worker.cpu = plan.cpus != nullptr ? plan.cpus[t] : notPinned;
      if (!platform::startThread(worker.thread, workerMain, &worker)) {
        team->endWorkers(t);
        return INGOT_THREAD_FAILED;
      }
    }
    // An empty run: when it is over every worker is up and has tried to pin itself.
    team->run([](void *, uint32_t, uint32_t) {}, nullptr);
    if (team->pinFailures.loadRelaxed() != 0 && plan.log != nullptr)
      plan.log(plan.logUser, INGOT_LOG_WARNING, "a thread could not be pinned to its CPU", "");
  }
  team->magic = teamMagic;
  return INGOT_OK;
}

void ingot_team::endWorkers(uint32_t started) noexcept {
  body = nullptr;
  job.advance();
  for (uint32_t t = 1; t < started; ++t)
    platform::joinThread(workers()[t].thread);
}

void ingot_team::stop() noexcept {
  magic = 0;
  if (parallelFor == nullptr)
    endWorkers(threads);
}

void *ingot_team::workerMain(void *argument) noexcept {
  Worker &worker = *static_cast<Worker *>(argument);
  if (worker.cpu != notPinned && !platform::pinThisThread(worker.cpu))
    worker.team->pinFailures.add(1);
  worker.team->serve(worker.index);
  return nullptr;
}

void ingot_team::serve(uint32_t thread) noexcept {
  for (uint32_t seen = 0;; ++seen) {
    job.waitWhile(seen, spins);
    if (body == nullptr)
      return;
    runThread(thread);
  }
}

void ingot_team::runThread(uint32_t thread) noexcept {
  {
    platform::DefaultFloatMode mode;
    body(argument, thread, threads);
  }
  barrier(); // nobody takes the next job, and the caller does not return, before all are done
}

void ingot_team::run(TeamBody newBody, void *newArgument) noexcept {
  if (!lock.compareExchange(0, 1))
    while (lock.exchange(2) != 0)
      platform::park(&lock.value, 2);

  body = newBody;
  argument = newArgument;
  if (parallelFor != nullptr) {
    parallelFor(
        parallelForUser, threads,
        [](void *team, uint32_t thread) { static_cast<ingot_team *>(team)->runThread(thread); },
        this);
  } else {
    if (threads > 1)
      job.advance();
    runThread(0);
  }

  if (lock.exchange(0) == 2)
    platform::wakeAll(&lock.value);
}
