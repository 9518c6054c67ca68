// CatalogView: the names that a statement can use, as plain data: what a shell completes from.
#pragma once

#include <string>
#include <vector>

namespace millrace {
class LogClient;
}

namespace millrace::dsl {

class Catalog;

/// A stream or table with its columns, key first.
struct SourceView {
    struct Column {
        std::string name;
        std::string type;  // as the dialect spells it
        friend bool operator==(const Column&, const Column&) = default;
    };
    std::string name;
    bool is_table = false;
    bool is_windowed = false;
    std::vector<Column> columns;
    friend bool operator==(const SourceView&, const SourceView&) = default;
};

struct CatalogView {
    // What there is now.
    std::vector<SourceView> sources;
    std::vector<std::string> queries;
    std::vector<std::string> topics;
    std::vector<std::string> types;  // of CREATE TYPE

    // The same in every catalog.
    std::vector<std::string> functions;
    std::vector<std::string> settings;         // of SET
    std::vector<std::string> with_properties;  // of WITH (...)
    std::vector<std::string> formats;
};

/// What there is now.
[[nodiscard]] CatalogView view_of(const Catalog& catalog, LogClient& log);
/// Fills in what is the same in every catalog.
void add_vocabulary(CatalogView& view);

}  // namespace millrace::dsl
