// ingot_team_*: the C face of Team.h.
#include "runtime/src/Block.h"
#include "runtime/src/Options.h"
#include "runtime/src/Team.h"

using namespace ingot;

ingot_status ingot_team_size(const ingot_team_options *options, size_t *bytes, size_t *alignment) {
  ingot_team_options read;
  TeamPlan plan;
  if (bytes == nullptr || alignment == nullptr)
    return INGOT_INVALID_ARGUMENT;
  if (ingot_status status = readOptions(options, teamOptionsV1Bytes, &read, sizeof read))
    return status;
  if (ingot_status status = planTeam(read, plan))
    return status;
  *bytes = teamBytes(plan);
  *alignment = 64;
  return INGOT_OK;
}

ingot_status ingot_team_create(const ingot_team_options *options, void *memory, size_t bytes,
                               ingot_team **team) {
  if (team == nullptr)
    return INGOT_INVALID_ARGUMENT;
  *team = nullptr;
  ingot_team_options read;
  TeamPlan plan;
  if (ingot_status status = readOptions(options, teamOptionsV1Bytes, &read, sizeof read))
    return status;
  if (ingot_status status = planTeam(read, plan))
    return status;
  Block block;
  if (ingot_status status = block.take(memory, bytes, teamBytes(plan), 64))
    return status;
  if (ingot_status status = ingot_team::create(plan, block.at)) {
    block.giveBack();
    return status;
  }
  *team = static_cast<ingot_team *>(block.at);
  (*team)->ownedBytes = block.ownedBytes;
  return INGOT_OK;
}

void ingot_team_destroy(ingot_team *team) {
  if (team == nullptr || !team->valid())
    return;
  Block block = {team, team->ownedBytes};
  team->stop();
  block.giveBack();
}

uint32_t ingot_team_threads(const ingot_team *team) {
  return team != nullptr && team->valid() ? team->threads : 0;
}

ingot_status ingot_team_run(ingot_team *team,
                            void (*body)(void *argument, uint32_t thread, uint32_t threads),
                            void *argument) {
  if (team == nullptr || !team->valid() || body == nullptr)
    return INGOT_INVALID_ARGUMENT;
  team->run(body, argument);
  return INGOT_OK;
}
