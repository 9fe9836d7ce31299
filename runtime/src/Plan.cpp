#include "runtime/src/Plan.h"

#include "runtime/src/Memory.h"
#include "runtime/src/Options.h"

namespace ingot {

namespace {

ingot_status chooseLevel(const ingot_model &model, const char *wanted,
                         const ingot_level *&level) noexcept {
  bool known = wanted == nullptr;
  for (uint32_t i = 0; i < model.level_count; ++i) {
    const ingot_level &candidate = model.levels[i];
    if (wanted != nullptr && !equalText(candidate.name, wanted))
      continue;
    known = true;
    if (candidate.usable()) {
      level = &candidate;
      return INGOT_OK;
    }
  }
  return known ? INGOT_UNSUPPORTED_CPU : INGOT_INVALID_ARGUMENT;
}

ingot_status planThreads(SessionPlan &plan) noexcept {
  const ingot_session_options &o = plan.options;
  if (o.team != nullptr) {
    bool alsoOwn = o.threads != 0 || o.cpu_count != 0 || o.parallel_for != nullptr;
    if (alsoOwn || !o.team->valid())
      return INGOT_INVALID_ARGUMENT;
    plan.threads = o.team->threads;
    return INGOT_OK;
  }
  ingot_team_options team = {};
  team.threads = o.threads;
  team.cpus = o.cpus;
  team.cpu_count = o.cpu_count;
  team.parallel_for = o.parallel_for;
  team.parallel_for_user = o.parallel_for_user;
  team.log = o.log;
  team.log_user = o.log_user;
  if (ingot_status status = planTeam(team, plan.team))
    return status;
  plan.threads = plan.team.threads;
  return INGOT_OK;
}

// Arena and scratch have room for every entry that steps of up to `rows` rows may choose.
void planActivations(SessionPlan &plan, uint32_t rows) noexcept {
  uint64_t arena = 0, scratch = 0;
  for (uint32_t i = 0; i < plan.level->entry_count; ++i) {
    const ingot_entry &entry = plan.level->entries[i];
    arena = entry.arena_bytes > arena ? entry.arena_bytes : arena;
    scratch = entry.scratch_bytes > scratch ? entry.scratch_bytes : scratch;
    if (entry.max_rows >= rows)
      break;
  }
  plan.arenaBytes = arena;
  plan.scratchBytes = scratch;
}

// Gives each part its place, one behind the other, each on a cache line of its own.
class Placement {
public:
  explicit Placement(size_t begin) noexcept : end(begin) {}
  size_t place(CheckedSize bytes) noexcept {
    size_t at = end.value;
    end = alignUp(end + bytes, sessionAlignment);
    return at;
  }
  CheckedSize end;
};

ingot_status planMemory(const ingot_model &model, SessionPlan &plan) noexcept {
  uint64_t vocab = model.vocab_size;
  uint64_t rows = 1 + uint64_t(plan.options.max_lookup);
  CheckedSize scratch = CheckedSize(plan.scratchBytes) * CheckedSize(plan.threads);
  CheckedSize kv = CheckedSize(plan.kvCapacity) * CheckedSize(model.kv_bytes_per_position);

  Placement p(alignUp(CheckedSize(sizeof(ingot_session)), sessionAlignment).value);
  plan.teamAt = p.place(plan.options.team == nullptr ? CheckedSize(teamBytes(plan.team)) : 0);
  plan.tokensAt = p.place(CheckedSize(sizeof(int32_t)) *
                          CheckedSize(uint64_t(plan.context) + plan.options.max_lookup));
  plan.logitsAt = p.place(CheckedSize(sizeof(float)) * CheckedSize(vocab) * CheckedSize(rows));
  plan.candidatesAt = p.place(CheckedSize(sizeof(Candidate)) * CheckedSize(vocab));
  plan.seenAt = p.place(CheckedSize((vocab + 7) / 8));
  plan.scratchAt = p.place(scratch);
  plan.arenaAt = p.place(CheckedSize(plan.arenaBytes));
  plan.kvAt = p.place(kv);
  // Room to begin on a huge page, wherever the block lies.
  CheckedSize copy = plan.options.copy_weights != 0
                         ? CheckedSize(model.weights_bytes) + CheckedSize(hugePageBytes)
                         : CheckedSize(0);
  plan.weightsAt = p.place(copy);
  plan.weightsBytes = copy.value;
  if (p.end.overflowed || p.end.value > PTRDIFF_MAX)
    return INGOT_OUT_OF_MEMORY;
  plan.scratchBytes = scratch.value;
  plan.kvBytes = kv.value;
  plan.bytes = p.end.value;
  return INGOT_OK;
}

} // namespace

ingot_status planSession(const ingot_model *model, const ingot_session_options *options,
                         SessionPlan &plan) noexcept {
  if (model == nullptr)
    return INGOT_INVALID_ARGUMENT;
  if (model->abi_version != INGOT_ABI_VERSION || model->struct_bytes != sizeof(ingot_model))
    return INGOT_INCOMPATIBLE;
  ingot_session_options &o = plan.options;
  if (ingot_status status = readOptions(options, sessionOptionsV1Bytes, &o, sizeof o))
    return status;
  if (o.reserved != 0 || o.context > model->max_context || o.prefill_chunk > maxPrefillChunk ||
      o.max_lookup > maxLookupLimit)
    return INGOT_INVALID_ARGUMENT;
  if (ingot_status status = chooseLevel(*model, o.level, plan.level))
    return status;
  if (ingot_status status = planThreads(plan))
    return status;

  plan.context = o.context != 0 ? o.context : model->max_context;
  uint32_t blocks = plan.context / positionsPerBlock + (plan.context % positionsPerBlock != 0);
  if (blocks > UINT32_MAX / positionsPerBlock)
    return INGOT_OUT_OF_MEMORY;
  plan.kvCapacity = blocks * positionsPerBlock;

  uint32_t largest = plan.level->entries[plan.level->entry_count - 1].max_rows;
  plan.chunk = o.prefill_chunk != 0 && o.prefill_chunk < largest ? o.prefill_chunk : largest;
  if (o.max_lookup + 1 > largest)
    return INGOT_INVALID_ARGUMENT;
  planActivations(plan, plan.chunk > o.max_lookup + 1 ? plan.chunk : o.max_lookup + 1);
  return planMemory(*model, plan);
}

} // namespace ingot
