#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_producers_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Producers that wrote to each partition.
     */

    class describe_producers_response_t : public kaitai::kstruct {

    public:
        class partition_t;
        class producer_t;
        class topic_t;

        describe_producers_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_producers_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_producers_response_t();

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, describe_producers_response_t::topic_t* p__parent = nullptr, describe_producers_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int32_t m_partition_index = 0;
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_error_message;
            kaitai::ref<kafka_types_t::count_t> m_num_active_producers;
            kaitai::ref<kaitai::vec<kaitai::ref<producer_t>>> m_active_producers;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_producers_response_t* m__root;
            describe_producers_response_t::topic_t* m__parent;

        public:
            int32_t partition_index() const { return m_partition_index; }
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
            kafka_types_t::count_t* num_active_producers() const { return m_num_active_producers.get(); }
            kaitai::vec<kaitai::ref<producer_t>>* active_producers() const { return m_active_producers.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_producers_response_t* _root() const { return m__root; }
            describe_producers_response_t::topic_t* _parent() const { return m__parent; }
        };

        class producer_t : public kaitai::kstruct {

        public:

            producer_t(kaitai::kstream* p__io, describe_producers_response_t::partition_t* p__parent = nullptr, describe_producers_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~producer_t();

        private:
            int64_t m_producer_id = 0;
            int32_t m_producer_epoch = 0;
            int32_t m_last_sequence = 0;
            int64_t m_last_timestamp = 0;
            int32_t m_coordinator_epoch = 0;
            int64_t m_current_txn_start_offset = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_producers_response_t* m__root;
            describe_producers_response_t::partition_t* m__parent;

        public:
            int64_t producer_id() const { return m_producer_id; }
            int32_t producer_epoch() const { return m_producer_epoch; }
            int32_t last_sequence() const { return m_last_sequence; }
            int64_t last_timestamp() const { return m_last_timestamp; }
            int32_t coordinator_epoch() const { return m_coordinator_epoch; }
            int64_t current_txn_start_offset() const { return m_current_txn_start_offset; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_producers_response_t* _root() const { return m__root; }
            describe_producers_response_t::partition_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, describe_producers_response_t* p__parent = nullptr, describe_producers_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partitions;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_producers_response_t* m__root;
            describe_producers_response_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partitions() const { return m_partitions.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_producers_response_t* _root() const { return m__root; }
            describe_producers_response_t* _parent() const { return m__parent; }
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
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_producers_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_producers_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
