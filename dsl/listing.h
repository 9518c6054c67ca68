// Listings: SHOW ... and DESCRIBE as tables.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/client/log_client.h"
#include "dsl/catalog.h"
#include "dsl/query_engine.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/variables.h"

namespace millrace::dsl {

/// What the lists are made from.
struct ListingInput {
    const Catalog& catalog;
    LogClient& log;
    const ConnectorHost* connectors = nullptr;
    std::vector<QueryInfo> queries;
    const Properties& session;
    const Properties& start_values;
    const sql::Variables& variables;
};

[[nodiscard]] StatementResult list(sql::ShowWhat what, const ListingInput& input);
/// Columns of a stream or table, and in the message what it is made of and who uses it.
[[nodiscard]] StatementResult describe_source(const SourceInfo& info,
                                              bool is_extended,
                                              const ListingInput& input);
/// The overloads of a function, and in the message what it does, with an example. kUnknownName.
[[nodiscard]] Result<StatementResult> describe_function(const std::string& name);

}  // namespace millrace::dsl
