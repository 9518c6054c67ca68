#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_topic_partitions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Partitions of each topic, and where the next page starts.
     */

    class describe_topic_partitions_response_t : public kaitai::kstruct {

    public:
        class cursor_t;
        class partition_t;
        class topic_t;

        describe_topic_partitions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_topic_partitions_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_topic_partitions_response_t();

        class cursor_t : public kaitai::kstruct {

        public:

            cursor_t(kaitai::kstream* p__io, describe_topic_partitions_response_t* p__parent = nullptr, describe_topic_partitions_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~cursor_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_topic_name;
            int32_t m_partition_index = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_topic_partitions_response_t* m__root;
            describe_topic_partitions_response_t* m__parent;

        public:
            kafka_types_t::text_t* topic_name() const { return m_topic_name.get(); }
            int32_t partition_index() const { return m_partition_index; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_topic_partitions_response_t* _root() const { return m__root; }
            describe_topic_partitions_response_t* _parent() const { return m__parent; }
        };

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, describe_topic_partitions_response_t::topic_t* p__parent = nullptr, describe_topic_partitions_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int16_t m_error = 0;
            int32_t m_partition_index = 0;
            int32_t m_leader_id = 0;
            int32_t m_leader_epoch = 0;
            kaitai::ref<kafka_types_t::count_t> m_num_replica_nodes;
            kaitai::ref<kaitai::vec<int32_t>> m_replica_nodes;
            kaitai::ref<kafka_types_t::count_t> m_num_isr_nodes;
            kaitai::ref<kaitai::vec<int32_t>> m_isr_nodes;
            kaitai::ref<kafka_types_t::count_t> m_num_eligible_leader_replicas;
            kaitai::ref<kaitai::vec<int32_t>> m_eligible_leader_replicas;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_last_known_elr;
            kaitai::ref<kaitai::vec<int32_t>> m_last_known_elr;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_offline_replicas;
            kaitai::ref<kaitai::vec<int32_t>> m_offline_replicas;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_topic_partitions_response_t* m__root;
            describe_topic_partitions_response_t::topic_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            int32_t partition_index() const { return m_partition_index; }
            int32_t leader_id() const { return m_leader_id; }
            int32_t leader_epoch() const { return m_leader_epoch; }
            kafka_types_t::count_t* num_replica_nodes() const { return m_num_replica_nodes.get(); }
            kaitai::vec<int32_t>* replica_nodes() const { return m_replica_nodes.get(); }
            kafka_types_t::count_t* num_isr_nodes() const { return m_num_isr_nodes.get(); }
            kaitai::vec<int32_t>* isr_nodes() const { return m_isr_nodes.get(); }
            kafka_types_t::count_t* num_eligible_leader_replicas() const { return m_num_eligible_leader_replicas.get(); }
            kaitai::vec<int32_t>* eligible_leader_replicas() const { return m_eligible_leader_replicas.get(); }
            kafka_types_t::count_t* num_last_known_elr() const { return m_num_last_known_elr.get(); }
            kaitai::vec<int32_t>* last_known_elr() const { return m_last_known_elr.get(); }
            kafka_types_t::count_t* num_offline_replicas() const { return m_num_offline_replicas.get(); }
            kaitai::vec<int32_t>* offline_replicas() const { return m_offline_replicas.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_topic_partitions_response_t* _root() const { return m__root; }
            describe_topic_partitions_response_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, describe_topic_partitions_response_t* p__parent = nullptr, describe_topic_partitions_response_t* p__root = nullptr);

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
            int8_t m_is_internal_byte = 0;
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partitions;
            int32_t m_topic_authorized_operations = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_topic_partitions_response_t* m__root;
            describe_topic_partitions_response_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kaitai::bytes_view topic_id() const { return m_topic_id; }
            int8_t is_internal_byte() const { return m_is_internal_byte; }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partitions() const { return m_partitions.get(); }
            int32_t topic_authorized_operations() const { return m_topic_authorized_operations; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_topic_partitions_response_t* _root() const { return m__root; }
            describe_topic_partitions_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_topics;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
        int8_t m_next_cursor_marker = 0;
        kaitai::ref<cursor_t> m_next_cursor;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_topic_partitions_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        int8_t next_cursor_marker() const { return m_next_cursor_marker; }
        cursor_t* next_cursor() const { return m_next_cursor.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_topic_partitions_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
