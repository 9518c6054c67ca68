#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/list_transactions_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Asks for all transactions, or for some states and producers.
     */

    class list_transactions_request_t : public kaitai::kstruct {

    public:

        list_transactions_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, list_transactions_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~list_transactions_request_t();

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_state_filters;
        kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>> m_state_filters;
        kaitai::ref<kafka_types_t::count_t> m_num_producer_id_filters;
        kaitai::ref<kaitai::vec<int64_t>> m_producer_id_filters;
        int64_t m_duration_filter = -1;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        list_transactions_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_state_filters() const { return m_num_state_filters.get(); }
        kaitai::vec<kaitai::ref<kafka_types_t::text_t>>* state_filters() const { return m_state_filters.get(); }
        kafka_types_t::count_t* num_producer_id_filters() const { return m_num_producer_id_filters.get(); }
        kaitai::vec<int64_t>* producer_id_filters() const { return m_producer_id_filters.get(); }
        int64_t duration_filter() const { return m_duration_filter; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        list_transactions_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
