#include "dsl/catalog_view.h"

#include "dsl/catalog.h"
#include "dsl/settings.h"
#include "dsl/with_properties.h"
#include "operators/expression/aggregate_functions.h"
#include "operators/expression/scalar_functions.h"
#include "operators/functions/table_functions.h"

namespace millrace::dsl {

CatalogView view_of(const Catalog& catalog, LogClient& log) {
    CatalogView view;
    for (const auto& [name, info] : catalog.sources()) {
        SourceView source;
        source.name = name;
        source.is_table = info.schema.is_table;
        source.is_windowed = info.schema.schema.window.kind != WindowKind::kNone;
        for (std::size_t i = 0; i < info.schema.schema.size(); ++i) {
            const Field& field = info.schema.schema.field(i);
            source.columns.push_back({field.name, field.type.to_string()});
        }
        view.sources.push_back(std::move(source));
    }
    for (const QueryRecord& query : catalog.queries()) {
        view.queries.push_back(query.id);
    }
    for (const TopicInfo& topic : log.list_topics()) {
        if (!topic.is_internal) {
            view.topics.push_back(topic.name);
        }
    }
    for (const auto& [name, type] : catalog.types()) {
        view.types.push_back(name);
    }
    return view;
}

void add_vocabulary(CatalogView& view) {
    const auto add = [&view](std::string_view name) {
        if (view.functions.empty() || view.functions.back() != name) {
            view.functions.emplace_back(name);
        }
    };
    for (const operators::AggregateFunction& function : operators::aggregate_functions()) {
        add(function.name);
    }
    for (const operators::FunctionDoc& doc : operators::scalar_function_docs()) {
        add(doc.name);
    }
    for (const operators::FunctionDoc& doc : operators::table_function_docs()) {
        add(doc.name);
    }
    for (const PropertyInfo& info : known_properties()) {
        view.settings.emplace_back(info.name);
    }
    view.with_properties = with_property_names();
    for (const Format format : {Format::kJson, Format::kDelimited, Format::kKafka, Format::kNone}) {
        view.formats.emplace_back(name_of(format));
    }
}

}  // namespace millrace::dsl
