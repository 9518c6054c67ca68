// The settings of a topic: which names there are, what they mean, what a partition log makes of
// them.
#pragma once

#include <optional>

#include "core/base/result.h"
#include "core/broker/requests.h"
#include "core/log/partition_log.h"
#include "core/record/compression.h"

namespace millrace::broker {

/// Checks names and values; "millrace.*" keys pass as they are. kConfigInvalid names key, value and
/// what is allowed, with the nearest key when the name is unknown.
[[nodiscard]] Status check_topic_config(const TopicConfig& config);

/// What the log needs of a checked config; defaults for the rest.
[[nodiscard]] log::PartitionLogOptions log_options(const TopicConfig& config);

/// compression.type of a checked config: what batches are stored with; nullopt for "producer" (as
/// they came), the default. "none" is another word for "uncompressed".
[[nodiscard]] std::optional<Codec> codec_of(const TopicConfig& config);

/// 1 to 249 of [A-Za-z0-9._-], not "." or "..": Kafka's rule.
[[nodiscard]] Status check_topic_name(std::string_view name);

/// Made by Millrace for itself: "__..." and "_millrace_...".
[[nodiscard]] bool is_internal_topic(std::string_view name);

}  // namespace millrace::broker
