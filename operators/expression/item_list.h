// How the items of IN, ARRAY[...] and MAP(...) come to one type. Planning only.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "operators/expression/expression.h"

namespace millrace::operators {

/// The type that a list of `type` has once `item` is in it: NULL changes nothing, numbers widen, a
/// text literal counts as what it reads as, next to STRING every plain literal counts as text;
/// ARRAY[...], MAP(...) and STRUCT(...) are looked at part by part, and structs get all fields of
/// both. kSqlSemantic when the item does not go with the type.
[[nodiscard]] Result<DataType> widened_by(const DataType& type, const Expr& item);
/// The item as `type`, which widened_by() gave for it.
[[nodiscard]] Result<ExprPtr> as_item(ExprPtr item, const DataType& type);
/// Brings all of `items` to one type, the first one's unless others widen it. An error when all are
/// NULL; `what` names the list for it.
[[nodiscard]] Result<DataType> one_type(std::vector<ExprPtr>& items, std::string_view what);

}  // namespace millrace::operators
