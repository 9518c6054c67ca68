// SqliteOracle: SQLite as the oracle of test files.
#pragma once

#include "dsl/testing/oracle.h"

namespace millrace::server {

/// A database in memory for every question. ARRAY, MAP and STRUCT columns are JSON texts, DECIMAL
/// is a text, BOOLEAN 0 or 1.
class SqliteOracle final : public dsl::testing::Oracle {
  public:
    [[nodiscard]] Result<std::vector<std::vector<std::optional<std::string>>>> query(
        const std::vector<dsl::testing::OracleTable>& tables, const std::string& sql) override;
};

}  // namespace millrace::server
