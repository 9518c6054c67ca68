#include <cmath>
#include <map>
#include <utility>

#include "core/base/json.h"
#include "server/shell/sql_session.h"

namespace millrace::server {

namespace {

/// Rows of push queries as cells.
class RowWriter final : public dsl::PushObserver {
  public:
    RowWriter(SessionEvents& events, CellForm form) : events_(events), form_(form) {}

    void begin(const std::vector<Field>& columns, bool is_table) override {
        columns_ = columns;
        std::vector<std::string> names;
        for (const Field& field : columns) {
            names.push_back(field.name);
        }
        events_.begin_rows(names, is_table);
    }
    bool next(const dsl::PushRow& row) override {
        SessionRow written{row.key, {}};
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            const DataType& type = columns_[i].type;
            written.cells.push_back(form_ == CellForm::kJson ? to_json(row.values[i], type)
                                                             : to_text(row.values[i], type));
        }
        return events_.row(written);
    }
    bool wants_more() override { return events_.wants_more(); }

  private:
    SessionEvents& events_;
    CellForm form_;
    std::vector<Field> columns_;
};

class LocalSession final : public SqlSession {
  public:
    LocalSession(dsl::QueryEngine& engine, CellForm form) : engine_(engine), form_(form) {}

    Status execute(const std::string& text,
                   const std::string& name,
                   SessionEvents& events) override {
        RowWriter writer(events, form_);
        const auto row = [&](const std::vector<std::string>& cells) {
            if (cells.empty()) {
                return events.wants_more();
            }
            SessionRow written{{}, cells};
            if (form_ == CellForm::kJson) {
                for (std::string& cell : written.cells) {
                    cell = Json(std::move(cell)).dump();
                }
            }
            return events.row(written);
        };
        const auto done = engine_.execute(
            text,
            name,
            properties_,
            [&](const std::vector<std::string>& columns) { events.begin_rows(columns, false); },
            row,
            [&](const dsl::StatementResult& result) { events.answer(result); },
            &variables_,
            &writer);
        return done.ok() ? Status{Ok{}} : Status{done.error()};
    }
    Result<dsl::CatalogView> view() override { return engine_.view(); }
    [[nodiscard]] bool is_open() const override { return true; }

  private:
    dsl::QueryEngine& engine_;
    CellForm form_;
    dsl::Properties properties_;
    std::map<std::string, std::string> variables_;
};

std::string list_to_json(const Value::List& list, const DataType& element) {
    std::string out = "[";
    for (std::size_t i = 0; i < list.size(); ++i) {
        out += (i == 0 ? "" : ",") + to_json(list[i], element);
    }
    return out + "]";
}

std::string map_to_json(const Value::List& halves, const DataType& type) {
    std::string out = "{";
    if (halves.size() == 2) {
        const auto& keys = std::get<Value::List>(halves[0].data);
        const auto& values = std::get<Value::List>(halves[1].data);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            out += (i == 0 ? "" : ",") + Json(to_text(keys[i], type.children()[0].type)).dump() +
                   ":" + to_json(values[i], type.children()[1].type);
        }
    }
    return out + "}";
}

std::string struct_to_json(const Value::List& fields, const DataType& type) {
    std::string out = "{";
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out += (i == 0 ? "" : ",") + Json(type.children()[i].name).dump() + ":" +
               to_json(fields[i], type.children()[i].type);
    }
    return out + "}";
}

}  // namespace

std::string to_json(const Value& value, const DataType& type) {
    if (value.is_null()) {
        return "null";
    }
    switch (type.kind()) {
        case TypeKind::kBoolean:
        case TypeKind::kInt:
        case TypeKind::kBigint:
        case TypeKind::kDecimal:
            return to_text(value, type);
        case TypeKind::kDouble:
            return std::isfinite(std::get<double>(value.data)) ? to_text(value, type)
                                                               : Json(to_text(value, type)).dump();
        case TypeKind::kString:
        case TypeKind::kBytes:
        case TypeKind::kDate:
        case TypeKind::kTime:
        case TypeKind::kTimestamp:
            return Json(to_text(value, type)).dump();
        case TypeKind::kArray:
            return list_to_json(std::get<Value::List>(value.data), type.children()[0].type);
        case TypeKind::kMap:
            return map_to_json(std::get<Value::List>(value.data), type);
        case TypeKind::kStruct:
            return struct_to_json(std::get<Value::List>(value.data), type);
    }
    return "null";
}

std::unique_ptr<SqlSession> make_local_session(dsl::QueryEngine& engine, CellForm form) {
    return std::make_unique<LocalSession>(engine, form);
}

}  // namespace millrace::server
