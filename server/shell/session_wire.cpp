#include "server/shell/session_wire.h"

#include <utility>
#include <vector>

#include <unistd.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "server/control/frame_socket.h"
#include "server/shell/sql_scanner.h"

namespace millrace::server {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{32} << 10;
constexpr int kPollMs = 100;
constexpr std::string_view kProgram = "millrace: ";  // what errors of commands begin with

Json::Array to_array(const std::vector<std::string>& texts) {
    Json::Array array;
    array.reserve(texts.size());
    for (const std::string& text : texts) {
        array.emplace_back(text);
    }
    return array;
}

std::vector<std::string> texts_of(const Json* json) {
    std::vector<std::string> texts;
    if (json != nullptr && json->if_array() != nullptr) {
        for (const Json& each : *json->if_array()) {
            texts.push_back(each.if_string() != nullptr ? *each.if_string() : "");
        }
    }
    return texts;
}

std::string text_of(const Json* json) {
    return json != nullptr && json->if_string() != nullptr ? *json->if_string() : "";
}
bool is_true(const Json* json) {
    return json != nullptr && json->if_bool() != nullptr && *json->if_bool();
}

Json::Object object_of(std::string name, Json value) {
    Json::Object object;
    object.emplace_back(std::move(name), std::move(value));
    return object;
}

/// The serving side of one request. Rows are gathered; what is there goes out when the engine asks
/// whether more is wanted, at the latest 100 ms later.
class WireEvents final : public SessionEvents {
  public:
    explicit WireEvents(Console& console) : console_(console) {}

    void begin_rows(const std::vector<std::string>& columns, bool is_table) override {
        Json json(object_of("columns", to_array(columns)));
        json.set("table", Json(is_table));
        send(json);
    }
    bool row(const SessionRow& row) override {
        Json json(object_of("row", to_array(row.cells)));
        if (!row.key.empty()) {
            json.set("key", Json(row.key));
        }
        gathered_ += json.dump() + "\n";
        return gathered_.size() < kPieceBytes || wants_more();
    }
    bool wants_more() override {
        flush();
        return !console_.is_cancelled() && !console_.take_interrupt();
    }
    void answer(const dsl::StatementResult& result) override {
        Json::Array rows;
        for (const auto& row : result.rows) {
            rows.emplace_back(to_array(row));
        }
        Json json(object_of("message", Json(result.message)));
        json.set("statement", Json(result.statement));
        json.set("columns", Json(to_array(result.columns)));
        json.set("rows", Json(std::move(rows)));
        send(Json(object_of("answer", std::move(json))));
    }
    void send(const Json& json) {
        gathered_ += json.dump() + "\n";
        flush();
    }

  private:
    void flush() {
        if (!gathered_.empty()) {
            console_.out(gathered_);
            gathered_.clear();
        }
    }
    Console& console_;
    std::string gathered_;
};

void serve_request(SqlSession& session, const std::string& line, WireEvents& events) {
    const auto request = Json::parse(line, "request");
    if (!request.ok()) {
        events.send(Json(object_of("error", Json(request.error().message))));
        return;
    }
    if (request.value().find("view") != nullptr) {
        const auto view = session.view();
        events.send(view.ok() ? Json(object_of("view", Json(encode_view(view.value()))))
                              : Json(object_of("error", Json(view.error().message))));
        return;
    }
    const Status done = session.execute(
        text_of(request.value().find("execute")), text_of(request.value().find("name")), events);
    events.send(done.ok() ? Json(object_of("done", Json(true)))
                          : Json(object_of("error", Json(done.error().message))));
}

/// The asking side.
class RemoteSession final : public SqlSession {
  public:
    RemoteSession(std::unique_ptr<FrameSocket> socket, std::string data_directory)
        : socket_(std::move(socket)), data_directory_(std::move(data_directory)) {
        char directory[4096];
        working_directory_ = ::getcwd(directory, sizeof directory) != nullptr ? directory : "/";
    }

    Status execute(const std::string& text,
                   const std::string& name,
                   SessionEvents& events) override {
        Json request(object_of("execute", Json(with_absolute_scripts(text, working_directory_))));
        request.set("name", Json(name));
        MILLRACE_TRY_STATUS(send(request));
        bool is_interrupted = false;
        const auto interrupt = [&] {
            if (!is_interrupted) {
                is_interrupted = true;
                socket_->write(FrameKind::kInterrupt, "");
            }
        };
        for (;;) {
            if (lines_.find('\n', scanned_) == std::string::npos &&
                !socket_->wait_readable(kPollMs)) {
                if (!events.wants_more()) {
                    interrupt();
                }
                continue;
            }
            MILLRACE_TRY(const Json json, read_json());
            if (const Json* error = json.find("error"); error != nullptr) {
                return Error{ErrorCode::kInvalidArgument, text_of(error)};
            }
            if (json.find("done") != nullptr) {
                return Ok{};
            }
            if (const Json* answer = json.find("answer"); answer != nullptr) {
                events.answer(to_result(*answer));
            } else if (const Json* row = json.find("row"); row != nullptr) {
                if (!is_interrupted && !events.row({text_of(json.find("key")), texts_of(row)})) {
                    interrupt();
                }
            } else if (const Json* columns = json.find("columns"); columns != nullptr) {
                events.begin_rows(texts_of(columns), is_true(json.find("table")));
            }
        }
    }

    Result<dsl::CatalogView> view() override {
        MILLRACE_TRY_STATUS(send(Json(object_of("view", Json(true)))));
        MILLRACE_TRY(const Json json, read_json());
        if (const Json* view = json.find("view"); view != nullptr) {
            return decode_view(text_of(view));
        }
        return Error{ErrorCode::kInvalidArgument, text_of(json.find("error"))};
    }

    [[nodiscard]] bool is_open() const override { return is_open_; }

  private:
    Error gone() {
        is_open_ = false;
        return Error{
            ErrorCode::kIo,
            (refusal_.empty() ? "the process that holds " + data_directory_ + " ended" : refusal_)};
    }
    Status send(const Json& request) {
        if (!is_open_ || !socket_->write(FrameKind::kInput, request.dump() + "\n")) {
            return gone();
        }
        return Ok{};
    }
    Result<Json> read_json() {
        for (;;) {
            if (const std::size_t end = lines_.find('\n', scanned_); end != std::string::npos) {
                auto json =
                    Json::parse(std::string_view(lines_).substr(begin_, end - begin_), "answer");
                begin_ = end + 1;
                scanned_ = begin_;
                return json;
            }
            lines_.erase(0, begin_);
            begin_ = 0;
            scanned_ = lines_.size();
            const auto frame = socket_->read();
            if (!frame.ok()) {
                return gone();
            }
            switch (frame.value().kind) {
                case FrameKind::kOut:
                    lines_ += frame.value().payload;
                    break;
                case FrameKind::kErr:
                    refusal_ = frame.value().payload;
                    refusal_.erase(0, refusal_.starts_with(kProgram) ? kProgram.size() : 0);
                    while (!refusal_.empty() && refusal_.back() == '\n') {
                        refusal_.pop_back();
                    }
                    break;
                case FrameKind::kExit:
                    return gone();
                case FrameKind::kWantInput:  // requests are sent when there are some
                case FrameKind::kCommand:
                case FrameKind::kInput:
                case FrameKind::kInterrupt:
                    break;
            }
        }
    }
    static dsl::StatementResult to_result(const Json& answer) {
        dsl::StatementResult result;
        result.message = text_of(answer.find("message"));
        result.statement = text_of(answer.find("statement"));
        result.columns = texts_of(answer.find("columns"));
        if (const Json* rows = answer.find("rows");
            rows != nullptr && rows->if_array() != nullptr) {
            for (const Json& row : *rows->if_array()) {
                result.rows.push_back(texts_of(&row));
            }
        }
        return result;
    }

    std::unique_ptr<FrameSocket> socket_;
    std::string data_directory_;
    std::string working_directory_;
    std::string lines_;        // received
    std::size_t begin_ = 0;    // of the next line
    std::size_t scanned_ = 0;  // no line feed between begin_ and here
    std::string refusal_;
    bool is_open_ = true;
};

}  // namespace

void serve_session(SqlSession& session, Console& console) {
    std::string line;
    while (!console.is_cancelled() && console.read_line(line)) {
        WireEvents events(console);
        serve_request(session, line, events);
    }
}

std::unique_ptr<SqlSession> connect_session(const std::string& data_directory, CellForm form) {
    auto connected = FrameSocket::connect(join_path(data_directory, "control.sock"));
    if (!connected.ok()) {
        return nullptr;
    }
    const Json::Array words{Json("millrace-control-1"),
                            Json("sql"),
                            Json("--session"),
                            Json("-o"),
                            Json(form == CellForm::kJson ? "json" : "table")};
    if (!connected.value()->write(FrameKind::kCommand, Json(words).dump())) {
        return nullptr;
    }
    return std::make_unique<RemoteSession>(std::move(connected).value(), data_directory);
}

std::string encode_view(const dsl::CatalogView& view) {
    Json::Array sources;
    for (const dsl::SourceView& source : view.sources) {
        Json::Array columns;
        for (const dsl::SourceView::Column& column : source.columns) {
            columns.emplace_back(Json::Array{Json(column.name), Json(column.type)});
        }
        Json json(object_of("name", Json(source.name)));
        json.set("table", Json(source.is_table));
        json.set("windowed", Json(source.is_windowed));
        json.set("columns", Json(std::move(columns)));
        sources.push_back(std::move(json));
    }
    Json json(object_of("sources", Json(std::move(sources))));
    json.set("queries", Json(to_array(view.queries)));
    json.set("topics", Json(to_array(view.topics)));
    json.set("types", Json(to_array(view.types)));
    return json.dump();
}

Result<dsl::CatalogView> decode_view(const std::string& text) {
    MILLRACE_TRY(const Json json, Json::parse(text, "view"));
    dsl::CatalogView view;
    view.queries = texts_of(json.find("queries"));
    view.topics = texts_of(json.find("topics"));
    view.types = texts_of(json.find("types"));
    if (const Json* sources = json.find("sources");
        sources != nullptr && sources->if_array() != nullptr) {
        for (const Json& each : *sources->if_array()) {
            dsl::SourceView source;
            source.name = text_of(each.find("name"));
            source.is_table = is_true(each.find("table"));
            source.is_windowed = is_true(each.find("windowed"));
            const Json* columns = each.find("columns");
            if (columns != nullptr && columns->if_array() != nullptr) {
                for (const Json& column : *columns->if_array()) {
                    const std::vector<std::string> parts = texts_of(&column);
                    if (parts.size() == 2) {
                        source.columns.push_back({parts[0], parts[1]});
                    }
                }
            }
            view.sources.push_back(std::move(source));
        }
    }
    dsl::add_vocabulary(view);
    return view;
}

}  // namespace millrace::server
