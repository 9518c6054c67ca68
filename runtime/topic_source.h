// TopicSource: reads one partition of a source topic, decodes it into row batches, ahead of the
// interleaver.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/record/record_cursor.h"
#include "runtime/component.h"

namespace millrace::runtime {

/// Decoded records of one partition. `rows` has every record; those that failed are not selected.
struct SourceBatch {
    RowBatchPtr rows;                 // without seq: the interleaver gives it
    std::vector<std::int64_t> order;  // per record: running maximum of the timestamps
    Offset end;                       // first offset behind the batch
    std::size_t bytes = 0;            // that it keeps alive
    [[nodiscard]] Offset offset(std::uint32_t row) const {
        return Offset{rows->source_offsets->at<std::int64_t>(row)};
    }
};

/// One fetch in flight, one fetched page and a bounded queue of decoded batches. Fetches complete
/// on the I/O executor; decoding runs on the strand.
class TopicSource {
  public:
    /// index   of its entry in JobFigures
    [[nodiscard]] static Result<std::unique_ptr<TopicSource>> make(Component& component,
                                                                   std::size_t node,
                                                                   Partition partition,
                                                                   std::size_t index);

    /// Reads from `from` on. `running_max` goes on from an earlier run. `consumer` is woken when
    /// there is news. Inside the gate; once.
    void start(Offset from, std::int64_t running_max, Strand& consumer);
    /// Ends the waiting fetch. Any thread.
    void stop();

    struct Poll {
        std::optional<SourceBatch> batch;
        bool is_at_end = false;  // everything visible was read and taken
        Offset position;         // when there is no batch: first offset not read
    };
    /// The consumer takes the next batch.
    [[nodiscard]] Poll poll();

    [[nodiscard]] std::size_t node() const { return node_; }
    [[nodiscard]] Partition partition() const { return partition_; }
    [[nodiscard]] TopicPartition id() const { return {topic_->id, partition_}; }
    [[nodiscard]] const SourceSpec& spec() const { return *spec_; }

  private:
    TopicSource(Component& component, std::size_t node, Partition partition, std::size_t index);
    Step step();
    void fetch_next();
    void on_fetched(Result<FetchResult> result);
    /// Reads records of the page into columns_ until there is a batch's worth or the page is used
    /// up.
    Status fill_columns();
    Status read_batch(const RecordBatchView& batch, const PagePtr& page);
    Status decode(std::uint32_t count);
    /// The header columns of records [begin, begin + rows.size) of columns_.
    void add_headers(std::size_t begin, RowBatch& rows, std::vector<RowError>& errors) const;
    void report(const RecordColumns& records,
                std::size_t begin,
                const std::vector<RowError>& errors,
                const char* step_name,
                std::vector<bool>& is_dropped);

    Component& component_;
    const std::size_t node_;
    const Partition partition_;
    const std::size_t index_;
    const SourceSpec* spec_;
    const TopicInfo* topic_;
    SchemaPtr schema_;  // of the rows
    std::unique_ptr<Decoder> key_decoder_;
    std::unique_ptr<Decoder> value_decoder_;
    Strand strand_;
    Strand* consumer_ = nullptr;

    // The strand's own.
    FetchResult page_;
    std::optional<RecordBatchCursor> cursor_;  // over page_
    RecordColumns columns_;
    std::size_t columns_at_ = 0;  // first row not decoded
    PagePtr columns_pin_;
    Offset read_end_;  // first offset behind what columns_ got
    std::int64_t running_max_ = 0;

    std::mutex mutex_;
    std::deque<SourceBatch> queue_;       // guarded by mutex_
    std::size_t queued_rows_ = 0;         // guarded by mutex_
    std::size_t queued_bytes_ = 0;        // guarded by mutex_
    std::optional<FetchResult> fetched_;  // guarded by mutex_
    std::uint64_t fetch_number_ = 0;      // guarded by mutex_; of the last fetch
    FetchId fetch_ = FetchId::kNone;      // guarded by mutex_
    bool is_fetching_ = false;            // guarded by mutex_
    bool is_stopped_ = false;             // guarded by mutex_
    bool is_decoding_ = false;            // guarded by mutex_; the strand holds undecoded records
    bool has_fetched_ = false;            // guarded by mutex_; the high watermark is known
    Offset fetch_from_;                   // guarded by mutex_
    Offset position_;                     // guarded by mutex_; first offset not decoded
    Offset high_watermark_;               // guarded by mutex_
};

}  // namespace millrace::runtime
