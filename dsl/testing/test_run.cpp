#include "dsl/testing/test_run.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>
#include <vector>

#include "core/base/sql_error.h"
#include "core/record/partitioner.h"
#include "dsl/processing_log.h"
#include "dsl/sql/lexer.h"
#include "dsl/sql/parser.h"
#include "dsl/sql/variables.h"
#include "dsl/testing/assertions.h"
#include "dsl/testing/engine_bench.h"
#include "dsl/testing/oracle_check.h"
#include "dsl/testing/row_codec.h"
#include "dsl/testing/row_diff.h"
#include "dsl/testing/statement_pieces.h"
#include "dsl/testing/topic_reader.h"

namespace millrace::dsl::testing {

namespace {

/// An error that says itself where it is.
bool has_place(const Error& error, const std::string& file) {
    return error.message.starts_with(file + ":");
}

std::string without_comment(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(" \t");
    const std::size_t comment = line.find("  #");
    const std::size_t end =
        line.find_last_not_of(" \t", comment == std::string::npos ? std::string::npos : comment);
    return begin == std::string::npos || end == std::string::npos || end < begin
               ? std::string()
               : line.substr(begin, end - begin + 1);
}

class TestRun {
  public:
    TestRun(const std::string& file, const TestCase& test, const TestOptions& options)
        : file_(file), test_(test), options_(options), bench_(options.threads) {
        if (options.batch_rows > 0) {
            bench_.set_batch_rows(options.batch_rows);
        }
    }

    std::optional<TestFailure> run() {
        for (const TestBlock& block : test_.blocks) {
            line_ = block.line;
            Status done = Ok{};
            if (block.kind != BlockKind::kExpectFailed) {
                done = check_no_failures();
            }
            if (done.ok()) {
                done = run_block(block);
            }
            if (!done.ok()) {
                return failure(done.error());
            }
        }
        const Status done = check_no_failures();
        return done.ok() ? std::nullopt : std::optional(failure(done.error()));
    }

  private:
    TestFailure failure(const Error& error) const {
        TestFailure failure{line_, error.message};
        if (has_place(error, file_)) {
            const char* const begin = error.message.data() + file_.size() + 1;
            std::from_chars(begin, error.message.data() + error.message.size(), failure.line);
        }
        return failure;
    }
    Error at_line(int line, const std::string& message) const {
        return Error{ErrorCode::kInvalidArgument,
                     file_ + ":" + std::to_string(line) + ": " + message};
    }

    Status run_block(const TestBlock& block) {
        switch (block.kind) {
            case BlockKind::kStatementOk:
                return run_statements(block.sql);
            case BlockKind::kStatementError:
                return expect_error(block);
            case BlockKind::kQuery:
                return make_query(block);
            case BlockKind::kFeed:
                return feed(block);
            case BlockKind::kExpect:
                return expect(block);
            case BlockKind::kExpectErrors:
                return expect_errors(block);
            case BlockKind::kExpectFailed:
                return expect_failed(block);
            case BlockKind::kAnswer:
                return expect_answer(block);
            case BlockKind::kOracle:
                return ask_oracle(block);
            case BlockKind::kTopic:
                return bench_.create_topic(block.name, static_cast<std::int32_t>(block.number));
            case BlockKind::kBatch:
                return set_batch(block);
            case BlockKind::kAdvance:
                MILLRACE_TRY_STATUS(bench_.open());
                bench_.advance(std::chrono::milliseconds(block.number));
                return bench_.settle();
            case BlockKind::kStop:
                return bench_.stop();
            case BlockKind::kStart:
                return bench_.start();
            case BlockKind::kRestart:
                MILLRACE_TRY_STATUS(bench_.stop());
                return bench_.start();
            case BlockKind::kFinish:
                return bench_.finish();
        }
        return Ok{};
    }

    Status check_no_failures() const {
        for (const QueryInfo& query : bench_.failed()) {
            return Error{ErrorCode::kInvalidArgument,
                         "query " + query.id +
                             " failed: " + (query.stats.error ? query.stats.error->message : "")};
        }
        return Ok{};
    }

    // Statements

    Status run_statements(const std::string& sql) {
        answer_.clear();
        for (const std::string& piece : statement_pieces(sql)) {
            MILLRACE_TRY_STATUS(run_statement(piece));
            MILLRACE_TRY_STATUS(bench_.settle());
        }
        return Ok{};
    }
    Status run_statement(const std::string& piece) {
        MILLRACE_TRY(const bool is_assert, try_assert(piece));
        if (is_assert) {
            return Ok{};
        }
        const auto row = [this](const std::vector<std::string>& cells) {
            if (!cells.empty()) {
                add_answer(cells);
            }
            return !cells.empty();
        };
        MILLRACE_TRY(const auto results, bench_.execute(piece, file_, row));
        for (const StatementResult& result : results) {
            answer_ += result.message + (result.message.empty() ? "" : "\n");
            if (!result.columns.empty()) {
                add_answer(result.columns);
            }
            for (const auto& cells : result.rows) {
                add_answer(cells);
            }
        }
        return Ok{};
    }
    void add_answer(const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            answer_ += (i == 0 ? "" : "  ") + cells[i];
        }
        answer_ += '\n';
    }
    /// False: the statement is another one, or nothing that can be parsed.
    Result<bool> try_assert(const std::string& piece) {
        if (sql::upper_case(piece).find("ASSERT") == std::string::npos) {
            return false;
        }
        const sql::SourceText written(file_, piece);
        const auto text = sql::substitute(written, bench_.variables());
        if (!text.ok()) {
            return text.error();
        }
        const sql::SourceText source(file_, text.value());
        MILLRACE_TRY(const auto catalog, bench_.catalog());
        const auto parsed = sql::parse(source, catalog->types());
        if (!parsed.ok()) {
            return parsed.error();
        }
        const auto* expected = parsed.value().size() != 1
                                   ? nullptr
                                   : std::get_if<sql::Assert>(&parsed.value().front().node);
        if (expected == nullptr) {
            return false;
        }
        const AssertContext context{*catalog, bench_.env(), bench_.log(), [this](const auto& info) {
                                        return reader_.next(info);
                                    }};
        MILLRACE_TRY_STATUS(check_assertion(*expected, parsed.value().front().at, source, context));
        return true;
    }

    Status expect_error(const TestBlock& block) {
        const Status done = run_statements(block.sql);
        if (done.ok()) {
            return at_line(block.line, "no error");
        }
        // "[code] substring"
        std::string text = block.words;
        const std::size_t blank = std::min(text.find(' '), text.size());
        const std::vector<std::string> codes = codes_of(done.error());
        if (std::find(codes.begin(), codes.end(), text.substr(0, blank)) != codes.end()) {
            text = text.substr(std::min(blank + 1, text.size()));
        }
        if (done.error().message.find(text) == std::string::npos) {
            return at_line(
                block.line,
                "the error is another one (" + codes.front() + "):\n" + done.error().message);
        }
        return Ok{};
    }

    /// What a file may call it.
    static std::vector<std::string> codes_of(const Error& error) {
        std::vector<std::string> codes{std::string(name_of(error.code)),
                                       std::to_string(static_cast<int>(error.code))};
        if (error.sql != SqlError{}) {
            codes.push_back(code_text(error.sql));
            codes.push_back(info_of(error.sql).name());
        }
        return codes;
    }

    /// CREATE STREAM or TABLE name AS, before what the block has.
    Status make_query(const TestBlock& block) {
        const sql::SourceText source(file_, block.sql);
        MILLRACE_TRY(const auto catalog, bench_.catalog());
        MILLRACE_TRY(const auto parsed, sql::parse(source, catalog->types()));
        const auto* select =
            parsed.size() != 1 ? nullptr : std::get_if<sql::Select>(&parsed.front().node);
        if (select == nullptr) {
            return at_line(block.line, "expected one SELECT; other statements: 'statement ok'");
        }
        const SourceInfo* from = catalog->find_source(select->query.from.name.text);
        const bool is_table =
            !select->query.group_by.empty() || (from != nullptr && from->schema.is_table);
        std::string text = block.sql;
        text.insert(static_cast<std::size_t>(block.line) - 1,
                    std::string("CREATE ") + (is_table ? "TABLE " : "STREAM ") + block.name +
                        (block.words.empty() ? "" : " " + block.words) + " AS");
        queries_[source_name(block.name)] = block.sql;
        return run_statements(text);
    }

    Status set_batch(const TestBlock& block) {
        if (options_.batch_rows > 0) {
            return Ok{};
        }
        bench_.set_batch_rows(static_cast<std::uint32_t>(block.number));
        MILLRACE_TRY_STATUS(bench_.stop());
        return bench_.start();
    }

    Status expect_answer(const TestBlock& block) {
        std::size_t at = 0;
        for (const TestLine& line : block.lines) {
            const std::string text = without_comment(line.text);
            const std::size_t found = answer_.find(text, at);
            if (found == std::string::npos) {
                return at_line(line.line, "the answer does not go on with this:\n" + answer_);
            }
            at = found + text.size();
        }
        return Ok{};
    }

    // Records

    static std::string source_name(const std::string& name) {
        return name.size() > 2 && name.front() == '`' && name.back() == '`'
                   ? name.substr(1, name.size() - 2)
                   : sql::upper_case(name);
    }
    /// The stream or table that is named, or of the topic that is named.
    static const SourceInfo* find_source(const Catalog& catalog, const std::string& name) {
        if (const SourceInfo* info = catalog.find_source(source_name(name))) {
            return info;
        }
        for (const auto& [key, info] : catalog.sources()) {
            if (info.topic == name) {
                return &info;
            }
        }
        return nullptr;
    }
    Result<const SourceInfo*> source_of(const Catalog& catalog, const std::string& name) const {
        const SourceInfo* info = find_source(catalog, name);
        if (info == nullptr) {
            return at_line(line_, "there is no stream, table or query " + name);
        }
        return info;
    }

    Status feed(const TestBlock& block) {
        MILLRACE_TRY(const auto catalog, bench_.catalog());
        const SourceInfo* info = find_source(*catalog, block.name);
        MILLRACE_TRY(const TopicInfo topic,
                     bench_.log().describe_topic(info == nullptr ? block.name : info->topic));
        const RowCodec codec(info == nullptr ? TopicSchema{} : info->schema);
        PartitionedRecords records;
        for (const TestLine& line : block.lines) {
            auto fed = codec.fed(line.text);
            if (!fed.ok()) {
                return at_line(line.line, fed.error().message);
            }
            StoredRecord& record = fed.value().record;
            const std::int32_t partition =
                fed.value().partition ? *fed.value().partition
                : record.key ? partition_of_key(as_bytes(*record.key), topic.partitions).value
                             : 0;
            if (partition >= topic.partitions) {
                return at_line(line.line,
                               "topic " + topic.name + " has " + std::to_string(topic.partitions) +
                                   " partitions");
            }
            records[partition].push_back(std::move(record));
        }
        MILLRACE_TRY_STATUS(bench_.append(topic.id, records));
        return bench_.settle();
    }

    Status expect(const TestBlock& block) {
        MILLRACE_TRY(const auto catalog, bench_.catalog());
        MILLRACE_TRY(const SourceInfo* info, source_of(*catalog, block.name));
        const RowCodec codec(info->schema);
        std::vector<RowText> expected;
        std::size_t with_partition = 0;
        for (const TestLine& line : block.lines) {
            auto row = codec.expected(line.text);
            if (!row.ok()) {
                return at_line(line.line, row.error().message);
            }
            row.value().line = line.line;
            with_partition += row.value().partition ? 1U : 0U;
            expected.push_back(std::move(row).value());
        }
        if (with_partition != 0 && with_partition != expected.size()) {
            return at_line(block.line, "either every row has a partition or none");
        }
        if (!block.words.empty() && block.words != "unordered") {
            return at_line(block.line,
                           "expected nothing or 'unordered' behind the name, found " + block.words);
        }
        MILLRACE_TRY(const std::vector<TypedRow> rows, reader_.rows(*info, Look::kUnseen));
        std::vector<RowText> actual;
        for (const TypedRow& row : rows) {
            MILLRACE_TRY(RowText shown, codec.shown(row));
            actual.push_back(std::move(shown));
        }
        MILLRACE_TRY(const TopicInfo topic, bench_.log().describe_topic(info->topic));
        const bool is_single = topic.partitions == 1;
        const RowOrder order = !block.words.empty()  ? RowOrder::kNone
                               : is_single           ? RowOrder::kAll
                               : with_partition != 0 ? RowOrder::kPartition
                                                     : RowOrder::kKey;
        const std::string difference = row_diff(std::move(expected), std::move(actual), order);
        if (!difference.empty()) {
            return at_line(block.line,
                           "other rows than expected in " + block.name +
                               " (- expected, + found):\n" + "  " + codec.heading() + "\n" +
                               difference);
        }
        return Ok{};
    }

    Status expect_errors(const TestBlock& block) {
        MILLRACE_TRY(const auto partitions,
                     reader_.records(std::string(kProcessingLogTopic), Look::kUnseen));
        std::vector<std::string> errors;
        for (const auto& records : partitions) {
            for (const StoredRecord& record : records) {
                errors.push_back(record.value.value_or(""));
            }
        }
        std::string all;
        for (const std::string& error : errors) {
            all += "\n" + error;
        }
        // Rows of several batches may have failed in another order.
        std::vector<bool> is_told(errors.size());
        for (const TestLine& line : block.lines) {
            const std::string text = without_comment(line.text);
            std::size_t at = 0;
            while (at < errors.size() &&
                   (is_told[at] || errors[at].find(text) == std::string::npos)) {
                ++at;
            }
            if (at == errors.size()) {
                return at_line(line.line, "the rows' errors are others:" + all);
            }
            is_told[at] = true;
        }
        return errors.size() == block.lines.size()
                   ? Status(Ok{})
                   : Status(at_line(block.line,
                                    "there are " + std::to_string(errors.size()) +
                                        " errors of rows, not " +
                                        std::to_string(block.lines.size()) + ":" + all));
    }

    Status expect_failed(const TestBlock& block) {
        const std::string id = source_name(block.name);
        for (const QueryInfo& query : bench_.failed()) {
            if (query.id != id) {
                continue;
            }
            const std::string message = query.stats.error ? query.stats.error->message : "";
            if (message.find(block.words) == std::string::npos) {
                return at_line(block.line, "it failed otherwise: " + message);
            }
            bench_.acknowledge(id);
            return Ok{};
        }
        return at_line(block.line, "query " + id + " did not fail");
    }

    // The oracle

    /// What the block asks, else the query's own text.
    Result<std::string> question(const TestBlock& block) const {
        if (block.sql.find_first_not_of(" \t\r\n;") != std::string::npos) {
            return block.sql;
        }
        const auto own = queries_.find(source_name(block.name));
        if (own == queries_.end()) {
            return at_line(block.line, "there is no query " + block.name + "; write the SELECT");
        }
        std::string text = own->second;
        const std::size_t emit = sql::upper_case(text).rfind("EMIT");
        if (emit != std::string::npos) {
            text.erase(emit);
        }
        return text;
    }

    Status ask_oracle(const TestBlock& block) {
        if (options_.oracle == nullptr) {
            return at_line(block.line, "there is no SQLite here");
        }
        MILLRACE_TRY(const auto catalog, bench_.catalog());
        MILLRACE_TRY(const SourceInfo* info, source_of(*catalog, block.name));
        std::vector<OracleTable> tables;
        for (const auto& [name, source] : catalog->sources()) {
            if (source.query_id.empty()) {
                MILLRACE_TRY(auto rows, reader_.rows(source, Look::kAll));
                MILLRACE_TRY(OracleTable table, final_table(source, std::move(rows), true));
                tables.push_back(std::move(table));
            }
        }
        MILLRACE_TRY(const std::string sql, question(block));
        const auto answer = options_.oracle->query(tables, sql);
        if (!answer.ok()) {
            return at_line(block.line, answer.error().message);
        }
        MILLRACE_TRY(auto rows, reader_.rows(*info, Look::kAll));
        MILLRACE_TRY(const OracleTable table, final_table(*info, std::move(rows), false));
        const auto difference = oracle_difference(answer.value(), table);
        if (!difference.ok()) {
            return at_line(block.line,
                           difference.error().message + ": " + RowCodec(info->schema).heading());
        }
        return difference.value().empty()
                   ? Status(Ok{})
                   : Status(at_line(block.line,
                                    block.name + " is not what SQLite says (- SQLite, + found):\n" +
                                        difference.value()));
    }

    const std::string& file_;
    const TestCase& test_;
    const TestOptions& options_;
    EngineBench bench_;
    TopicReader reader_{bench_};
    int line_ = 0;                                // of the block at work
    std::string answer_;                          // of the last statements
    std::map<std::string, std::string> queries_;  // SELECTs of `query`, by name
};

}  // namespace

std::optional<TestFailure> run_test(const std::string& file,
                                    const TestCase& test,
                                    const TestOptions& options) {
    return TestRun(file, test, options).run();
}

}  // namespace millrace::dsl::testing
