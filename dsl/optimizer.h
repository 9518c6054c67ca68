// Optimizer: a logical plan -> an equal, cheaper one; one rule per function.
#pragma once

#include "dsl/plan.h"

namespace millrace::dsl {

/// Applies the rules below, in this order.
void optimize(LogicalPlan& plan);

/// The parts of a filter that only look at a join's stream go below the join, and below the
/// repartitioning that the join needs: fewer rows are moved.
void push_filters(PlanPtr& root);
/// Columns that nothing above reads are not carried, and not decoded by the source.
void prune_columns(LogicalPlan& plan);

}  // namespace millrace::dsl
