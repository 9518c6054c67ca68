#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/fetch_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Record batches, by topic and partition.
     */

    class fetch_response_t : public kaitai::kstruct {

    public:
        class aborted_transaction_t;
        class partition_t;
        class topic_t;

        fetch_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, fetch_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~fetch_response_t();

        class aborted_transaction_t : public kaitai::kstruct {

        public:

            aborted_transaction_t(kaitai::kstream* p__io, fetch_response_t::partition_t* p__parent = nullptr, fetch_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~aborted_transaction_t();

        private:
            int64_t m_producer_id = 0;
            int64_t m_first_offset = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            fetch_response_t* m__root;
            fetch_response_t::partition_t* m__parent;

        public:
            int64_t producer_id() const { return m_producer_id; }
            int64_t first_offset() const { return m_first_offset; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            fetch_response_t* _root() const { return m__root; }
            fetch_response_t::partition_t* _parent() const { return m__parent; }
        };

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, fetch_response_t::topic_t* p__parent = nullptr, fetch_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int32_t m_partition_index = 0;
            int16_t m_error = 0;
            int64_t m_high_watermark = 0;
            int64_t m_last_stable_offset = 0;
            int64_t m_log_start_offset = -1;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_aborted_transactions;
            kaitai::ref<kaitai::vec<kaitai::ref<aborted_transaction_t>>> m_aborted_transactions;

        private:
            int32_t m_preferred_read_replica = -1;

        private:
            kaitai::ref<kafka_types_t::binary_t> m_records;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            fetch_response_t* m__root;
            fetch_response_t::topic_t* m__parent;

        public:
            int32_t partition_index() const { return m_partition_index; }
            int16_t error() const { return m_error; }
            int64_t high_watermark() const { return m_high_watermark; }
            int64_t last_stable_offset() const { return m_last_stable_offset; }
            int64_t log_start_offset() const { return m_log_start_offset; }
            kafka_types_t::count_t* num_aborted_transactions() const { return m_num_aborted_transactions.get(); }
            kaitai::vec<kaitai::ref<aborted_transaction_t>>* aborted_transactions() const { return m_aborted_transactions.get(); }
            int32_t preferred_read_replica() const { return m_preferred_read_replica; }
            kafka_types_t::binary_t* records() const { return m_records.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            fetch_response_t* _root() const { return m__root; }
            fetch_response_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, fetch_response_t* p__parent = nullptr, fetch_response_t* p__root = nullptr);

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
            fetch_response_t* m__root;
            fetch_response_t* m__parent;

        public:
            kafka_types_t::text_t* topic() const { return m_topic.get(); }
            kaitai::bytes_view topic_id() const { return m_topic_id; }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partitions() const { return m_partitions.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            fetch_response_t* _root() const { return m__root; }
            fetch_response_t* _parent() const { return m__parent; }
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
        int32_t m_session_id = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_responses;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_responses;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        fetch_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        int32_t session_id() const { return m_session_id; }
        kafka_types_t::count_t* num_responses() const { return m_num_responses.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* responses() const { return m_responses.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        fetch_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
