// RowCodec: the records of one stream or table <-> the cells that a test file has for them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/row/schema_config.h"
#include "core/row/value.h"
#include "dsl/testing/cells.h"
#include "dsl/testing/stored_records.h"

namespace millrace::dsl::testing {

/// A record, decoded.
struct TypedRow {
    std::vector<Value> key;
    std::optional<std::pair<std::int64_t, std::int64_t>> window;  // start, end
    std::vector<Value> value;                                     // of a tombstone: empty
    bool is_tombstone = false;
    std::int64_t timestamp = 0;
    std::int32_t partition = 0;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

/// A row as a line shows it: cells in one spelling, so that equal rows have equal cells. What an
/// expected row does not say is not compared.
struct RowText {
    std::vector<std::string> cells;  // key columns, window, value columns or "tombstone"
    std::size_t key_cells = 0;       // of them; the window is not among these
    std::optional<std::int64_t> timestamp;
    std::optional<std::int32_t> partition;
    std::optional<std::string> headers;
    int line = 0;  // of an expected row
};

/// One thread.
class RowCodec {
  public:
    explicit RowCodec(TopicSchema schema) : schema_(std::move(schema)) {}

    /// kUndecodableRow says what is wrong with which record.
    [[nodiscard]] Result<std::vector<TypedRow>> decode(const std::vector<StoredRecord>& records,
                                                       std::int32_t partition) const;
    [[nodiscard]] Result<RowText> shown(const TypedRow& row) const;

    /// A line of `expect`.
    [[nodiscard]] Result<RowText> expected(const std::string& line) const;
    /// "ID  window  NAME  N": what such a line has to have.
    [[nodiscard]] std::string heading() const;

    /// A line of `feed`, and the partition that it names.
    struct FedRecord {
        StoredRecord record;
        std::optional<std::int32_t> partition;
    };
    [[nodiscard]] Result<FedRecord> fed(const std::string& line) const;

  private:
    TopicSchema schema_;
};

/// A plain value as in a cell; of ARRAY, MAP and STRUCT its JSON.
[[nodiscard]] Result<std::string> cell_text(const Value& value, const Field& field);

}  // namespace millrace::dsl::testing
