// The umbrella of the llm dialect: it only includes.
#ifndef INGOT_LLM_TD
#define INGOT_LLM_TD
include "LlmDialect.td"
include "LlmAttrs.td"
include "LlmTypes.td"
include "LlmOps.td"
#endif
