#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/delete_groups_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Whether each group was deleted.
     */

    class delete_groups_response_t : public kaitai::kstruct {

    public:
        class group_t;

        delete_groups_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, delete_groups_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~delete_groups_response_t();

        class group_t : public kaitai::kstruct {

        public:

            group_t(kaitai::kstream* p__io, delete_groups_response_t* p__parent = nullptr, delete_groups_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~group_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_group_id;
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            delete_groups_response_t* m__root;
            delete_groups_response_t* m__parent;

        public:
            kafka_types_t::text_t* group_id() const { return m_group_id.get(); }
            int16_t error() const { return m_error; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            delete_groups_response_t* _root() const { return m__root; }
            delete_groups_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_results;
        kaitai::ref<kaitai::vec<kaitai::ref<group_t>>> m_results;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        delete_groups_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_results() const { return m_num_results.get(); }
        kaitai::vec<kaitai::ref<group_t>>* results() const { return m_results.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        delete_groups_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
