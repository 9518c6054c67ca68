// NamedPartition: a partition log for those who look after all of them.
#pragma once

#include <memory>
#include <string>

#include "core/log/partition_log.h"
#include "core/record/ids.h"

namespace millrace::log {

struct NamedPartition {
    TopicPartition id;
    std::string name;  // "topic-0": for people
    std::shared_ptr<PartitionLog> log;
};

}  // namespace millrace::log
