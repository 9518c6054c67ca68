// The connector classes: names, keys, factories.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/config_def.h"
#include "connectors/connector.h"
#include "connectors/worker.h"

namespace millrace::connectors {

/// One class. Exactly one of the factories is set.
struct ConnectorClass {
    std::string name;                  // "file-source"
    std::vector<std::string> aliases;  // names of Kafka Connect's classes
    ConnectorKind kind = ConnectorKind::kSource;
    std::string summary;
    ConfigDef keys = {};  // common ones included
    /// What single keys cannot tell: adds problems.
    std::function<void(const Config&, std::vector<std::string>&)> check = {};
    std::function<std::unique_ptr<SourceTask>(const Config&)> make_source = {};
    std::function<std::unique_ptr<SinkTask>(const Config&)> make_sink = {};
};

/// All classes, in the order of the documentation.
[[nodiscard]] const std::vector<ConnectorClass>& connector_classes();

/// By name or alias, any case, with or without the Java package. kConfigInvalid names the nearest.
[[nodiscard]] Result<const ConnectorClass*> find_connector_class(std::string_view name);

}  // namespace millrace::connectors
