#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/list_transactions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * The transactions.
     */

    class list_transactions_response_t : public kaitai::kstruct {

    public:
        class transaction_t;

        list_transactions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, list_transactions_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~list_transactions_response_t();

        class transaction_t : public kaitai::kstruct {

        public:

            transaction_t(kaitai::kstream* p__io, list_transactions_response_t* p__parent = nullptr, list_transactions_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~transaction_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_transactional_id;
            int64_t m_producer_id = 0;
            kaitai::ref<kafka_types_t::text_t> m_transaction_state;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            list_transactions_response_t* m__root;
            list_transactions_response_t* m__parent;

        public:
            kafka_types_t::text_t* transactional_id() const { return m_transactional_id.get(); }
            int64_t producer_id() const { return m_producer_id; }
            kafka_types_t::text_t* transaction_state() const { return m_transaction_state.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            list_transactions_response_t* _root() const { return m__root; }
            list_transactions_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        int16_t m_error = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_unknown_state_filters;
        kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>> m_unknown_state_filters;
        kaitai::ref<kafka_types_t::count_t> m_num_transaction_states;
        kaitai::ref<kaitai::vec<kaitai::ref<transaction_t>>> m_transaction_states;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        list_transactions_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        kafka_types_t::count_t* num_unknown_state_filters() const { return m_num_unknown_state_filters.get(); }
        kaitai::vec<kaitai::ref<kafka_types_t::text_t>>* unknown_state_filters() const { return m_unknown_state_filters.get(); }
        kafka_types_t::count_t* num_transaction_states() const { return m_num_transaction_states.get(); }
        kaitai::vec<kaitai::ref<transaction_t>>* transaction_states() const { return m_transaction_states.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        list_transactions_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
