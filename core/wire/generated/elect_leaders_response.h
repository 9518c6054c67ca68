#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/elect_leaders_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Whether each partition elected one.
     */

    class elect_leaders_response_t : public kaitai::kstruct {

    public:
        class partition_t;
        class topic_t;

        elect_leaders_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, elect_leaders_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~elect_leaders_response_t();

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, elect_leaders_response_t::topic_t* p__parent = nullptr, elect_leaders_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int32_t m_partition_id = 0;
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_error_message;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            elect_leaders_response_t* m__root;
            elect_leaders_response_t::topic_t* m__parent;

        public:
            int32_t partition_id() const { return m_partition_id; }
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            elect_leaders_response_t* _root() const { return m__root; }
            elect_leaders_response_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, elect_leaders_response_t* p__parent = nullptr, elect_leaders_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_topic;
            kaitai::ref<kafka_types_t::count_t> m_num_partition_result;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partition_result;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            elect_leaders_response_t* m__root;
            elect_leaders_response_t* m__parent;

        public:
            kafka_types_t::text_t* topic() const { return m_topic.get(); }
            kafka_types_t::count_t* num_partition_result() const { return m_num_partition_result.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partition_result() const { return m_partition_result.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            elect_leaders_response_t* _root() const { return m__root; }
            elect_leaders_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        int16_t m_error = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_replica_election_results;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_replica_election_results;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        elect_leaders_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        kafka_types_t::count_t* num_replica_election_results() const { return m_num_replica_election_results.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* replica_election_results() const { return m_replica_election_results.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        elect_leaders_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
