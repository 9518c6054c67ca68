// Exchange: sends the rows of one task to the tasks of another sub-topology, by key.
#pragma once

#include <memory>
#include <vector>

#include "core/row/serde.h"
#include "runtime/edge.h"
#include "runtime/operator.h"

namespace millrace::runtime {

/// One shuffle edge of the graph, seen from one producing task; on its strand.
class Exchange {
  public:
    /// schema, key_format   of the producing node: what rows are partitioned by
    /// task                 where rows without a key go: this partition modulo the targets
    [[nodiscard]] static Result<std::unique_ptr<Exchange>> make(const FormatSpec& key_format,
                                                                SchemaPtr schema,
                                                                Partition task);
    /// Targets by partition; added before the first send().
    void add_target(Edge& edge) { targets_.push_back(&edge); }

    [[nodiscard]] bool has_credit() const;
    void send(const Run& run);
    void advance(std::uint64_t progress);

  private:
    Exchange() = default;

    std::unique_ptr<Encoder> encoder_;
    SchemaPtr schema_;
    Partition task_;
    std::vector<Edge*> targets_;
    EncodedRows keys_;  // scratch
};

}  // namespace millrace::runtime
