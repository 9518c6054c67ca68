// Topics of a broker: creation, deletion, settings.
#include "core/base/nearest_name.h"
#include "core/broker/broker_impl.h"
#include "core/broker/topic_config.h"

namespace millrace::broker {

namespace {
constexpr std::int32_t kPartitionsMax = 4000;  // of one topic
}  // namespace

Result<TopicInfo> BrokerImpl::create_topic(const TopicSpec& spec) {
    MILLRACE_TRY_STATUS(check_topic_name(spec.name));
    MILLRACE_TRY_STATUS(check_topic_config(spec.config));
    if (spec.partitions < 1 || spec.partitions > kPartitionsMax) {
        return Error{ErrorCode::kInvalidArgument,
                     "topic " + spec.name + " takes 1 to " + std::to_string(kPartitionsMax) +
                         " partitions: " + std::to_string(spec.partitions)};
    }
    const std::lock_guard lock(topics_mutex_);
    if (catalog_->find(spec.name)) {
        return Error{ErrorCode::kTopicExists, "topic is there already: " + spec.name};
    }
    const TopicInfo topic{.name = spec.name,
                          .id = TopicId::make(env_.random),
                          .partitions = spec.partitions,
                          .config = spec.config,
                          .is_internal = is_internal_topic(spec.name)};
    MILLRACE_TRY_STATUS(catalog_->add(topic));
    MILLRACE_TRY_STATUS(open_partitions(topic, 0));
    return topic;
}

Status BrokerImpl::delete_topic(const std::string& name) {
    const std::lock_guard lock(topics_mutex_);
    MILLRACE_TRY(const TopicInfo topic, describe_topic(name));
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        const TopicPartition id{topic.id, Partition{p}};
        const PartitionPtr partition = find(id);  // the journal looks at it once more
        {
            const std::unique_lock partitions_lock(partitions_mutex_);
            partitions_.erase(id);
        }
        journal_->remove_partition(id);
        waiters_->wake(id);
    }
    {
        const std::unique_lock partitions_lock(partitions_mutex_);
        policies_.erase(topic.id);
    }
    committed_.remove_topic(topic.id);
    MILLRACE_TRY_STATUS(catalog_->remove(name));
    transactions_->remove_topic(topic.id);
    return Ok{};
}

Result<TopicInfo> BrokerImpl::describe_topic(const std::string& name) {
    if (const TopicPtr topic = catalog_->find(name)) {
        return *topic;
    }
    std::vector<std::string> names;
    for (const TopicInfo& topic : catalog_->list()) {
        names.push_back(topic.name);
    }
    return Error{ErrorCode::kUnknownTopic, "unknown topic: " + name + did_you_mean(name, names)};
}

Status BrokerImpl::alter_config(const std::string& name, const TopicConfig& changes) {
    const std::lock_guard lock(topics_mutex_);
    MILLRACE_TRY(TopicInfo topic, describe_topic(name));
    for (const auto& [key, value] : changes) {
        if (value.empty()) {
            topic.config.erase(key);
        } else {
            topic.config[key] = value;
        }
    }
    MILLRACE_TRY_STATUS(check_topic_config(topic.config));
    MILLRACE_TRY_STATUS(catalog_->set_config(name, topic.config));
    keep_policy(topic);
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
        if (const PartitionPtr partition = find({topic.id, Partition{p}})) {
            partition->set_options(log_options(topic));
        }
    }
    return Ok{};
}

Status BrokerImpl::create_partitions(const std::string& name, std::int32_t total) {
    const std::lock_guard lock(topics_mutex_);
    MILLRACE_TRY(TopicInfo topic, describe_topic(name));
    if (total <= topic.partitions || total > kPartitionsMax) {
        return Error{ErrorCode::kInvalidArgument,
                     "topic " + name + " has " + std::to_string(topic.partitions) +
                         " partitions and takes more, up to " + std::to_string(kPartitionsMax) +
                         ": " + std::to_string(total)};
    }
    const std::int32_t first = std::exchange(topic.partitions, total);
    MILLRACE_TRY_STATUS(catalog_->set_partitions(name, total));
    return open_partitions(topic, first);
}

void BrokerImpl::keep_policy(const TopicInfo& topic) {
    auto policy = std::make_shared<const ProducePolicy>(produce_policy(topic));
    const std::unique_lock lock(partitions_mutex_);
    policies_[topic.id] = std::move(policy);
}

PartitionPtr BrokerImpl::find(TopicPartition id) const {
    const std::shared_lock lock(partitions_mutex_);
    const auto found = partitions_.find(id);
    return found == partitions_.end() ? nullptr : found->second;
}

Result<PartitionPtr> BrokerImpl::find_or_error(TopicPartition id) const {
    if (PartitionPtr partition = find(id)) {
        return partition;
    }
    return Error{ErrorCode::kUnknownTopic,
                 "unknown topic or partition: " + id.topic.to_string() + "-" +
                     std::to_string(id.partition.value)};
}

}  // namespace millrace::broker
