// RowReader: the records of a topic -> typed rows, by the topic's schema.
#pragma once

#include <memory>
#include <vector>

#include "core/base/page.h"
#include "core/base/result.h"
#include "core/record/record_cursor.h"
#include "core/row/row_batch.h"
#include "core/row/schema_config.h"

namespace millrace::connectors {

/// All columns are decoded. One thread at a time.
class RowReader {
  public:
    /// kNotSupported when a format cannot hold the schema.
    [[nodiscard]] static Result<RowReader> make(const TopicSchema& schema);

    /// Row i is record i of `records`, all kRowBatchRowsMax of them at most. Bad rows are listed in
    /// the batch's errors, ascending, each once.
    ///
    /// pin   keeps the records' bytes alive
    [[nodiscard]] RowBatchPtr read(const RecordColumns& records,
                                   Partition partition,
                                   const PagePtr& pin);

  private:
    RowReader(SchemaPtr schema, std::unique_ptr<Decoder> key, std::unique_ptr<Decoder> value)
        : schema_(std::move(schema)), key_(std::move(key)), value_(std::move(value)) {}
    void split_windows(const RecordColumns& records, RowBatch& rows);

    SchemaPtr schema_;
    std::unique_ptr<Decoder> key_;
    std::unique_ptr<Decoder> value_;
    std::vector<std::optional<ByteView>> plain_keys_;  // of windowed keys, without the window
};

}  // namespace millrace::connectors
