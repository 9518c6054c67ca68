// KeyColumn: the field of an input record that becomes the record's key.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/connector.h"
#include "connectors/file/text_row_encoder.h"

namespace millrace::connectors {

/// Collects key texts and writes them as the topic's key format wants them: typed when the topic
/// has a schema, else as text. One thread at a time.
class KeyColumn {
  public:
    /// kConfigInvalid when the topic's key has several columns; kNotSupported when text cannot fill
    /// it.
    [[nodiscard]] static Result<std::unique_ptr<KeyColumn>> make(
        std::string name, const std::optional<TopicSchema>& schema);

    [[nodiscard]] const std::string& name() const { return name_; }
    /// Takes the next record's key. kUndecodableRow, and nothing taken, when it has none or the
    /// text does not fit the key's type.
    [[nodiscard]] Status add(std::optional<std::string_view> text);
    /// Sets the keys of the batch's records from `first_record` on: one was added for each.
    void finish(SourceBatch& batch, std::size_t first_record);

  private:
    KeyColumn(std::string name, std::unique_ptr<TextRowEncoder> typed)
        : name_(std::move(name)), typed_(std::move(typed)) {}

    std::string name_;
    std::unique_ptr<TextRowEncoder> typed_;  // null: keys are text
    Buffer texts_;
    std::vector<std::size_t> ends_;
};

}  // namespace millrace::connectors
