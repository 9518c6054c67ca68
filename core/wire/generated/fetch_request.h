#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/fetch_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * From where to read, by topic and partition; with a session id only what changed.
     */

    class fetch_request_t : public kaitai::kstruct {

    public:
        class forgotten_topic_t;
        class partition_t;
        class topic_t;

        fetch_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, fetch_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~fetch_request_t();

        class forgotten_topic_t : public kaitai::kstruct {

        public:

            forgotten_topic_t(kaitai::kstream* p__io, fetch_request_t* p__parent = nullptr, fetch_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~forgotten_topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_topic;

        private:
            kaitai::bytes_view m_topic_id;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<int32_t>> m_partitions;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            fetch_request_t* m__root;
            fetch_request_t* m__parent;

        public:
            kafka_types_t::text_t* topic() const { return m_topic.get(); }
            kaitai::bytes_view topic_id() const { return m_topic_id; }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<int32_t>* partitions() const { return m_partitions.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            fetch_request_t* _root() const { return m__root; }
            fetch_request_t* _parent() const { return m__parent; }
        };

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, fetch_request_t::topic_t* p__parent = nullptr, fetch_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int32_t m_partition = 0;
            int32_t m_current_leader_epoch = -1;

        private:
            int64_t m_fetch_offset = 0;
            int32_t m_last_fetched_epoch = -1;

        private:
            int64_t m_log_start_offset = -1;

        private:
            int32_t m_partition_max_bytes = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            fetch_request_t* m__root;
            fetch_request_t::topic_t* m__parent;

        public:
            int32_t partition() const { return m_partition; }
            int32_t current_leader_epoch() const { return m_current_leader_epoch; }
            int64_t fetch_offset() const { return m_fetch_offset; }
            int32_t last_fetched_epoch() const { return m_last_fetched_epoch; }
            int64_t log_start_offset() const { return m_log_start_offset; }
            int32_t partition_max_bytes() const { return m_partition_max_bytes; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            fetch_request_t* _root() const { return m__root; }
            fetch_request_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, fetch_request_t* p__parent = nullptr, fetch_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_topic;

        private:
            kaitai::bytes_view m_topic_id;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partitions;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            fetch_request_t* m__root;
            fetch_request_t* m__parent;

        public:
            kafka_types_t::text_t* topic() const { return m_topic.get(); }
            kaitai::bytes_view topic_id() const { return m_topic_id; }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partitions() const { return m_partitions.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            fetch_request_t* _root() const { return m__root; }
            fetch_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_replica_id = -1;

    private:
        int32_t m_max_wait_ms = 0;
        int32_t m_min_bytes = 0;
        int32_t m_max_bytes = 0;
        int8_t m_isolation_level = 0;
        int32_t m_session_id = 0;

    private:
        int32_t m_session_epoch = -1;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_topics;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
        kaitai::ref<kafka_types_t::count_t> m_num_forgotten_topics_data;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<forgotten_topic_t>>> m_forgotten_topics_data;

    private:
        kaitai::ref<kafka_types_t::text_t> m_rack_id;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        fetch_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t replica_id() const { return m_replica_id; }
        int32_t max_wait_ms() const { return m_max_wait_ms; }
        int32_t min_bytes() const { return m_min_bytes; }
        int32_t max_bytes() const { return m_max_bytes; }
        int8_t isolation_level() const { return m_isolation_level; }
        int32_t session_id() const { return m_session_id; }
        int32_t session_epoch() const { return m_session_epoch; }
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        kafka_types_t::count_t* num_forgotten_topics_data() const { return m_num_forgotten_topics_data.get(); }
        kaitai::vec<kaitai::ref<forgotten_topic_t>>* forgotten_topics_data() const { return m_forgotten_topics_data.get(); }
        kafka_types_t::text_t* rack_id() const { return m_rack_id.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        fetch_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
