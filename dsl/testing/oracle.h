// Oracle: a database of somebody else's that answers the same question about finite inputs.
// Declared here, implemented above.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/row/value.h"

namespace millrace::dsl::testing {

struct OracleTable {
    std::string name;
    std::vector<Field> columns;
    std::vector<std::vector<Value>> rows;
};

class Oracle {
  public:
    virtual ~Oracle() = default;
    /// Makes the tables in an empty database, runs the statement and gives its rows as texts, NULL
    /// as none.
    [[nodiscard]] virtual Result<std::vector<std::vector<std::optional<std::string>>>> query(
        const std::vector<OracleTable>& tables, const std::string& sql) = 0;
};

}  // namespace millrace::dsl::testing
