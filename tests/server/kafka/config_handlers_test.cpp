#include "core/broker/topic_config.h"
#include "core/wire/messages/configs.h"
#include "tests/server/kafka/handler_fixture.h"

namespace millrace::server::kafka {
namespace {

using wire::AlterConfigsRequest;
using wire::AlterConfigsResponse;
using wire::DescribeConfigsRequest;
using wire::DescribeConfigsResponse;
using wire::IncrementalAlterConfigsRequest;
using wire::IncrementalAlterConfigsResponse;

constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;
constexpr std::int8_t kSet = 0;
constexpr std::int8_t kDelete = 1;
constexpr std::int8_t kAppend = 2;
constexpr std::int8_t kSubtract = 3;

class ConfigHandlers : public HandlerTest {
  protected:
    DescribeConfigsResponse::Resource describe(DescribeConfigsRequest request,
                                               std::int16_t version = 4) {
        const auto response = call<DescribeConfigsResponse>(std::move(request), version);
        EXPECT_EQ(response.results.size(), 1u);
        return response.results.at(0);
    }
    DescribeConfigsResponse::Resource describe(std::int8_t type, const std::string& name) {
        DescribeConfigsRequest request;
        request.resources.push_back({.resource_type = type, .resource_name = name});
        return describe(request);
    }
    IncrementalAlterConfigsResponse::Resource alter(
        const std::vector<IncrementalAlterConfigsRequest::Config>& configs,
        bool is_validation = false,
        std::int8_t type = kTopic,
        const std::string& name = "t") {
        IncrementalAlterConfigsRequest request;
        request.resources.push_back(
            {.resource_type = type, .resource_name = name, .configs = configs});
        request.validate_only = is_validation;
        return call<IncrementalAlterConfigsResponse>(std::move(request), 1).responses.at(0);
    }
    AlterConfigsResponse::Resource replace(
        const std::vector<AlterConfigsRequest::Config>& configs) {
        AlterConfigsRequest request;
        request.resources.push_back(
            {.resource_type = kTopic, .resource_name = "t", .configs = configs});
        return call<AlterConfigsResponse>(std::move(request), 2).responses.at(0);
    }
    TopicConfig config() { return broker_->describe_topic("t").value().config; }

    static const DescribeConfigsResponse::Config* find(
        const DescribeConfigsResponse::Resource& resource, std::string_view name) {
        for (const auto& config : resource.configs) {
            if (config.name == name) {
                return &config;
            }
        }
        return nullptr;
    }
};

TEST_F(ConfigHandlers, DescribeATopicInEveryVersion) {
    create("t", 1, {{"retention.ms", "5000"}, {"millrace.schema", "x"}});
    for (std::int16_t v = 1; v <= 4; ++v) {
        DescribeConfigsRequest request;
        request.resources.push_back({.resource_type = kTopic, .resource_name = "t"});
        request.include_synonyms = true;
        request.include_documentation = true;
        const auto resource = describe(request, v);
        EXPECT_EQ(resource.error, KafkaError::kNone);
        EXPECT_EQ(resource.configs.size(), broker::topic_config_keys().size() + 1);
        const auto* retention = find(resource, "retention.ms");
        ASSERT_NE(retention, nullptr);
        EXPECT_EQ(retention->value, "5000");
        EXPECT_EQ(retention->config_source, 1);
        EXPECT_FALSE(retention->read_only);
        ASSERT_EQ(retention->synonyms.size(), 2u);
        EXPECT_EQ(retention->synonyms[0].name, "retention.ms");
        EXPECT_EQ(retention->synonyms[0].value, "5000");
        EXPECT_EQ(retention->synonyms[1].name, "log.retention.ms");
        EXPECT_EQ(retention->synonyms[1].value, "-1");
        EXPECT_EQ(retention->synonyms[1].source, 5);
        const auto* policy = find(resource, "cleanup.policy");
        ASSERT_NE(policy, nullptr);
        EXPECT_EQ(policy->value, "delete");
        EXPECT_EQ(policy->config_source, 5);
        EXPECT_EQ(policy->synonyms.size(), 1u);
        if (v >= 3) {
            EXPECT_EQ(retention->config_type, 5);
            EXPECT_EQ(policy->config_type, 7);
            EXPECT_NE(policy->documentation.value_or(""), "");
        }
    }
}

TEST_F(ConfigHandlers, DescribeOnlyWhatIsAskedFor) {
    create("t");
    DescribeConfigsRequest request;
    request.resources.push_back({.resource_type = kTopic, .resource_name = "t"});
    request.resources[0].configuration_keys = {"segment.ms", "no.such.thing"};
    const auto resource = describe(request);
    ASSERT_EQ(resource.configs.size(), 1u);
    EXPECT_EQ(resource.configs[0].name, "segment.ms");
    EXPECT_TRUE(resource.configs[0].synonyms.empty());
    request.resources[0].configuration_keys.emplace();
    EXPECT_EQ(describe(request).configs.size(), broker::topic_config_keys().size());
    EXPECT_EQ(resource.configs[0].documentation, std::nullopt);
}

TEST_F(ConfigHandlers, DescribeTheBroker) {
    const auto resource = describe(kBroker, "0");
    EXPECT_EQ(resource.error, KafkaError::kNone);
    const auto* partitions = find(resource, "num.partitions");
    ASSERT_NE(partitions, nullptr);
    EXPECT_EQ(partitions->value, "1");
    EXPECT_EQ(partitions->config_source, 4);
    EXPECT_TRUE(partitions->read_only);
    EXPECT_NE(find(resource, "log.retention.ms"), nullptr);
    EXPECT_TRUE(describe(kBroker, "").configs.empty());
    EXPECT_EQ(describe(kBroker, "7").error, KafkaError::kInvalidRequest);
}

TEST_F(ConfigHandlers, SayWhatIsNotThere) {
    EXPECT_EQ(describe(kTopic, "never").error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(describe(kTopic, "a/b").error, KafkaError::kInvalidTopic);
    EXPECT_EQ(describe(kTopic, "_millrace_catalog").error, KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(describe(8, "0").error, KafkaError::kInvalidRequest);
    EXPECT_EQ(alter({{.name = "retention.ms", .value = "1"}}).error,
              KafkaError::kUnknownTopicOrPartition);
}

TEST_F(ConfigHandlers, SetAndDeleteSingleSettings) {
    create("t", 1, {{"retention.ms", "5000"}, {"millrace.schema", "x"}});
    EXPECT_EQ(alter({{.name = "segment.ms", .config_operation = kSet, .value = "60000"},
                     {.name = "retention.ms", .config_operation = kDelete}})
                  .error,
              KafkaError::kNone);
    EXPECT_EQ(config(), (TopicConfig{{"segment.ms", "60000"}, {"millrace.schema", "x"}}));
}

TEST_F(ConfigHandlers, AppendToListsAndSubtractFromThem) {
    create("t");
    EXPECT_EQ(
        alter({{.name = "cleanup.policy", .config_operation = kAppend, .value = "compact"}}).error,
        KafkaError::kNone);
    EXPECT_EQ(config(), (TopicConfig{{"cleanup.policy", "delete,compact"}}));
    EXPECT_EQ(
        alter({{.name = "cleanup.policy", .config_operation = kSubtract, .value = "delete"}}).error,
        KafkaError::kNone);
    EXPECT_EQ(config(), (TopicConfig{{"cleanup.policy", "compact"}}));
    const auto answer =
        alter({{.name = "retention.ms", .config_operation = kAppend, .value = "1"}});
    EXPECT_EQ(answer.error, KafkaError::kInvalidConfig);
    EXPECT_NE(answer.error_message.value_or(""), "");
}

TEST_F(ConfigHandlers, RefuseWhatCannotBeSet) {
    create("t");
    EXPECT_EQ(alter({{.name = "retention.mss", .value = "1"}}).error, KafkaError::kInvalidConfig);
    EXPECT_EQ(alter({{.name = "retention.ms", .value = "soon"}}).error, KafkaError::kInvalidConfig);
    EXPECT_EQ(alter({{.name = "nothing", .config_operation = kDelete}}).error,
              KafkaError::kInvalidConfig);
    EXPECT_EQ(alter({{.name = "retention.ms", .config_operation = kSet}}).error,
              KafkaError::kInvalidRequest);
    EXPECT_EQ(alter({{.name = "retention.ms", .config_operation = 9, .value = "1"}}).error,
              KafkaError::kInvalidRequest);
    EXPECT_EQ(
        alter({{.name = "retention.ms", .value = "1"}, {.name = "retention.ms", .value = "2"}})
            .error,
        KafkaError::kInvalidRequest);
    EXPECT_EQ(alter({{.name = "num.partitions", .value = "1"}}, false, kBroker, "0").error,
              KafkaError::kInvalidRequest);
    EXPECT_EQ(config(), TopicConfig());
}

TEST_F(ConfigHandlers, OnlyCheckWhenAskedTo) {
    create("t");
    EXPECT_EQ(alter({{.name = "retention.ms", .value = "1000"}}, true).error, KafkaError::kNone);
    EXPECT_EQ(config(), TopicConfig());
    EXPECT_EQ(alter({{.name = "retention.ms", .value = "x"}}, true).error,
              KafkaError::kInvalidConfig);
}

TEST_F(ConfigHandlers, ReplaceAllSettings) {
    create("t", 1, {{"retention.ms", "5000"}, {"segment.ms", "9000"}, {"millrace.schema", "x"}});
    EXPECT_EQ(replace({{.name = "retention.ms", .value = "6000"},
                       {.name = "min.insync.replicas", .value = "2"}})
                  .error,
              KafkaError::kNone);
    EXPECT_EQ(
        config(),
        (TopicConfig{
            {"retention.ms", "6000"}, {"min.insync.replicas", "2"}, {"millrace.schema", "x"}}));
    EXPECT_EQ(replace({}).error, KafkaError::kNone);
    EXPECT_EQ(config(), (TopicConfig{{"millrace.schema", "x"}}));
}

TEST_F(ConfigHandlers, RefuseAResourceThatIsNamedTwice) {
    create("t");
    AlterConfigsRequest request;
    request.resources.push_back({.resource_type = kTopic, .resource_name = "t"});
    request.resources.push_back({.resource_type = kTopic, .resource_name = "t"});
    const auto response = call<AlterConfigsResponse>(std::move(request), 0);
    ASSERT_EQ(response.responses.size(), 2u);
    EXPECT_EQ(response.responses[0].error, KafkaError::kNone);
    EXPECT_EQ(response.responses[1].error, KafkaError::kInvalidRequest);
}

TEST_F(ConfigHandlers, TakeEverySettingThatKafkaClientsSend) {
    TopicConfig all;
    for (const broker::TopicConfigKey& key : broker::topic_config_keys()) {
        if (!key.default_value.empty()) {
            all[std::string(key.name)] = key.default_value;
        }
    }
    EXPECT_TRUE(broker::check_topic_config(all).ok());
    create("t", 1, all);
    EXPECT_EQ(config(), all);
    for (const char* name : {"cleanup.policy",
                             "flush.messages",
                             "flush.ms",
                             "min.insync.replicas",
                             "segment.index.bytes",
                             "unclean.leader.election.enable",
                             "preallocate"}) {
        EXPECT_NE(broker::find_topic_config_key(name), nullptr) << name;
    }
}

}  // namespace
}  // namespace millrace::server::kafka
