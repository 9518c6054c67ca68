#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_transactions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * State of each transaction.
     */

    class describe_transactions_response_t : public kaitai::kstruct {

    public:
        class topic_t;
        class transaction_t;

        describe_transactions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_transactions_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_transactions_response_t();

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, describe_transactions_response_t::transaction_t* p__parent = nullptr, describe_transactions_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_topic;
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<int32_t>> m_partitions;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_transactions_response_t* m__root;
            describe_transactions_response_t::transaction_t* m__parent;

        public:
            kafka_types_t::text_t* topic() const { return m_topic.get(); }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<int32_t>* partitions() const { return m_partitions.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_transactions_response_t* _root() const { return m__root; }
            describe_transactions_response_t::transaction_t* _parent() const { return m__parent; }
        };

        class transaction_t : public kaitai::kstruct {

        public:

            transaction_t(kaitai::kstream* p__io, describe_transactions_response_t* p__parent = nullptr, describe_transactions_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~transaction_t();

        private:
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_transactional_id;
            kaitai::ref<kafka_types_t::text_t> m_transaction_state;
            int32_t m_transaction_timeout_ms = 0;
            int64_t m_transaction_start_time_ms = 0;
            int64_t m_producer_id = 0;
            int16_t m_producer_epoch = 0;
            kaitai::ref<kafka_types_t::count_t> m_num_topics;
            kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_transactions_response_t* m__root;
            describe_transactions_response_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* transactional_id() const { return m_transactional_id.get(); }
            kafka_types_t::text_t* transaction_state() const { return m_transaction_state.get(); }
            int32_t transaction_timeout_ms() const { return m_transaction_timeout_ms; }
            int64_t transaction_start_time_ms() const { return m_transaction_start_time_ms; }
            int64_t producer_id() const { return m_producer_id; }
            int16_t producer_epoch() const { return m_producer_epoch; }
            kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
            kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_transactions_response_t* _root() const { return m__root; }
            describe_transactions_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_transaction_states;
        kaitai::ref<kaitai::vec<kaitai::ref<transaction_t>>> m_transaction_states;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_transactions_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_transaction_states() const { return m_num_transaction_states.get(); }
        kaitai::vec<kaitai::ref<transaction_t>>* transaction_states() const { return m_transaction_states.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_transactions_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
