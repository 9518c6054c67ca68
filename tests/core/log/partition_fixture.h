// One partition log on files in memory with a manual clock, and verbs for its tests.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/base/memory_files.h"
#include "core/log/partition_log.h"
#include "core/record/record_batch_builder.h"
#include "core/record/record_cursor.h"

namespace millrace::log {

class PartitionFixture {
  public:
    explicit PartitionFixture(FileSystem* files = nullptr)
        : env_{files == nullptr ? memory_ : *files, clock_, random_, io_, logger_} {}

    ManualClock& clock() { return clock_; }
    FileSystem& files() { return env_.files; }
    Env& env() { return env_; }
    PartitionLog& log() { return *log_; }
    PartitionLogOptions& options() { return options_; }
    /// Everything at warning level and above that the log has said.
    const std::vector<std::string>& said() const { return said_; }
    [[nodiscard]] std::string path(Offset base, std::string_view suffix = ".log") const {
        const std::string name = PartitionLog::segment_file_name(base);
        return join_path(kDirectory, name.substr(0, name.size() - 4) + std::string(suffix));
    }

    /// Opens at `end`; by default where the last log had published.
    Status try_open(LogPosition end) {
        log_ = nullptr;
        Result<std::unique_ptr<PartitionLog>> opened =
            PartitionLog::open(env_, kDirectory, options_, end);
        if (!opened.ok()) {
            return opened.error();
        }
        log_ = std::move(opened).value();
        end_ = end;
        return Ok{};
    }
    void open() {
        const Status opened = try_open(end_);
        if (!opened.ok()) {
            std::fprintf(stderr, "%s\n", opened.error().message.c_str());
        }
        CHECK(opened.ok());
    }
    void reopen() { open(); }
    /// Lets go of the log without a word to the files that it left.
    void close() { log_ = nullptr; }
    [[nodiscard]] LogPosition end() const { return end_; }
    /// After publishing by hand: reopen() goes on from here.
    void note_end() { end_ = log_->staged_end(); }

    static Buffer batch(const std::vector<std::string>& values,
                        std::int64_t timestamp = 0,
                        Codec codec = Codec::kNone) {
        RecordBatchBuilder builder;
        for (const std::string& value : values) {
            builder.add(std::nullopt, as_bytes(value), Timestamp{timestamp});
        }
        return builder.finish(codec).value();
    }

    Result<StagedAppend> try_append(Buffer bytes) {
        const LogPosition before = log_->staged_end();
        MILLRACE_TRY(const StagedAppend staged, log_->stage(bytes.span()));
        if (Status written = log_->write(staged, bytes); !written.ok()) {
            log_->unstage(before);
            return std::move(written).error();
        }
        log_->publish(staged.end);
        note_end();
        return staged;
    }
    Offset append(const std::vector<std::string>& values, std::int64_t timestamp = 0) {
        return try_append(batch(values, timestamp)).value().base_offset;
    }
    std::size_t apply_retention() {
        const std::size_t removed = log_->apply_retention(log_->high_watermark()).value();
        note_end();
        return removed;
    }

    /// Values from `from` to the end, read by reads of `bytes_max`.
    Result<std::vector<std::string>> try_read_all(Offset from, std::size_t bytes_max = kPageSize) {
        std::vector<std::string> values;
        RecordColumns records;
        while (true) {
            MILLRACE_TRY(const LogRead read, log_->read(from, bytes_max));
            if (read.batches.empty()) {
                return values;
            }
            RecordBatchCursor cursor(read.batches);
            while (true) {
                MILLRACE_TRY(const auto found, cursor.next());
                if (!found) {
                    break;
                }
                MILLRACE_TRY_STATUS(found->verify_crc());
                MILLRACE_TRY(const RecordPayload payload, payload_of(*found, read.page));
                records.clear();
                MILLRACE_TRY_STATUS(decode_records(*found, payload.bytes, from, records));
                for (std::size_t i = 0; i < records.size(); ++i) {
                    CHECK(records.offsets[i] == from);
                    from = next(from);
                    values.emplace_back(as_text(records.values[i].value()));
                }
            }
        }
    }
    std::vector<std::string> read_all(Offset from, std::size_t bytes_max = kPageSize) {
        return try_read_all(from, bytes_max).value();
    }

    void flip_byte(const std::string& path, std::uint64_t at) {
        const auto file = files().open(path, OpenMode::kReadWrite).value();
        std::byte byte{};
        CHECK(file->read_at(at, std::span(&byte, 1)).value() == 1);
        byte ^= std::byte{0x40};
        CHECK(file->write_at(at, ByteView(&byte, 1)).ok());
    }

  private:
    static constexpr const char* kDirectory = "/data/topics/t/0";

    MemoryFileSystem memory_;
    ManualClock clock_{1'700'000'000'000};
    SeededRandom random_{1};
    ManualIoExecutor io_{clock_};
    std::vector<std::string> said_;
    Logger logger_{clock_, LogLevel::kWarn, [this](LogLevel, std::string_view line) {
                       said_.emplace_back(line);
                   }};
    Env env_;
    PartitionLogOptions options_;
    LogPosition end_;
    std::unique_ptr<PartitionLog> log_;
};

}  // namespace millrace::log
