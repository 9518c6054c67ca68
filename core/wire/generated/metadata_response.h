#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/metadata_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Brokers, and who leads the partitions of each topic.
     */

    class metadata_response_t : public kaitai::kstruct {

    public:
        class broker_t;
        class partition_t;
        class topic_t;

        metadata_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, metadata_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~metadata_response_t();

        class broker_t : public kaitai::kstruct {

        public:

            broker_t(kaitai::kstream* p__io, metadata_response_t* p__parent = nullptr, metadata_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~broker_t();

        private:
            int32_t m_node_id = 0;
            kaitai::ref<kafka_types_t::text_t> m_host;
            int32_t m_port = 0;
            kaitai::ref<kafka_types_t::text_t> m_rack;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            metadata_response_t* m__root;
            metadata_response_t* m__parent;

        public:
            int32_t node_id() const { return m_node_id; }
            kafka_types_t::text_t* host() const { return m_host.get(); }
            int32_t port() const { return m_port; }
            kafka_types_t::text_t* rack() const { return m_rack.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            metadata_response_t* _root() const { return m__root; }
            metadata_response_t* _parent() const { return m__parent; }
        };

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, metadata_response_t::topic_t* p__parent = nullptr, metadata_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int16_t m_error = 0;
            int32_t m_partition_index = 0;
            int32_t m_leader_id = 0;
            int32_t m_leader_epoch = -1;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_replica_nodes;
            kaitai::ref<kaitai::vec<int32_t>> m_replica_nodes;
            kaitai::ref<kafka_types_t::count_t> m_num_isr_nodes;
            kaitai::ref<kaitai::vec<int32_t>> m_isr_nodes;
            kaitai::ref<kafka_types_t::count_t> m_num_offline_replicas;

        private:
            kaitai::ref<kaitai::vec<int32_t>> m_offline_replicas;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            metadata_response_t* m__root;
            metadata_response_t::topic_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            int32_t partition_index() const { return m_partition_index; }
            int32_t leader_id() const { return m_leader_id; }
            int32_t leader_epoch() const { return m_leader_epoch; }
            kafka_types_t::count_t* num_replica_nodes() const { return m_num_replica_nodes.get(); }
            kaitai::vec<int32_t>* replica_nodes() const { return m_replica_nodes.get(); }
            kafka_types_t::count_t* num_isr_nodes() const { return m_num_isr_nodes.get(); }
            kaitai::vec<int32_t>* isr_nodes() const { return m_isr_nodes.get(); }
            kafka_types_t::count_t* num_offline_replicas() const { return m_num_offline_replicas.get(); }
            kaitai::vec<int32_t>* offline_replicas() const { return m_offline_replicas.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            metadata_response_t* _root() const { return m__root; }
            metadata_response_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, metadata_response_t* p__parent = nullptr, metadata_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            bool f_is_internal = false;
            bool m_is_internal = false;

        public:
            bool is_internal();

        private:
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::bytes_view m_topic_id;

        private:
            int8_t m_is_internal_byte = 0;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partitions;
            int32_t m_topic_authorized_operations = -2147483648;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            metadata_response_t* m__root;
            metadata_response_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kaitai::bytes_view topic_id() const { return m_topic_id; }
            int8_t is_internal_byte() const { return m_is_internal_byte; }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partitions() const { return m_partitions.get(); }
            int32_t topic_authorized_operations() const { return m_topic_authorized_operations; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            metadata_response_t* _root() const { return m__root; }
            metadata_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_brokers;
        kaitai::ref<kaitai::vec<kaitai::ref<broker_t>>> m_brokers;
        kaitai::ref<kafka_types_t::text_t> m_cluster_id;

    private:
        int32_t m_controller_id = -1;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_topics;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
        int32_t m_cluster_authorized_operations = -2147483648;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        metadata_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_brokers() const { return m_num_brokers.get(); }
        kaitai::vec<kaitai::ref<broker_t>>* brokers() const { return m_brokers.get(); }
        kafka_types_t::text_t* cluster_id() const { return m_cluster_id.get(); }
        int32_t controller_id() const { return m_controller_id; }
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        int32_t cluster_authorized_operations() const { return m_cluster_authorized_operations; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        metadata_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
