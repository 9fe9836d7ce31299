// The umbrella of the plan dialect: it only includes.
#ifndef INGOT_PLAN_TD
#define INGOT_PLAN_TD
include "PlanDialect.td"
include "PlanAttrs.td"
include "PlanTypes.td"
include "PlanOps.td"
#endif
