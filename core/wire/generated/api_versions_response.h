#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/api_versions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Every API with its lowest and highest version.
     */

    class api_versions_response_t : public kaitai::kstruct {

    public:
        class api_t;

        api_versions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, api_versions_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~api_versions_response_t();

        class api_t : public kaitai::kstruct {

        public:

            api_t(kaitai::kstream* p__io, api_versions_response_t* p__parent = nullptr, api_versions_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~api_t();

        private:
            int16_t m_api_key = 0;
            int16_t m_min_version = 0;
            int16_t m_max_version = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            api_versions_response_t* m__root;
            api_versions_response_t* m__parent;

        public:
            int16_t api_key() const { return m_api_key; }
            int16_t min_version() const { return m_min_version; }
            int16_t max_version() const { return m_max_version; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            api_versions_response_t* _root() const { return m__root; }
            api_versions_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int16_t m_error = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_api_keys;
        kaitai::ref<kaitai::vec<kaitai::ref<api_t>>> m_api_keys;
        int32_t m_throttle_time_ms = 0;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        api_versions_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int16_t error() const { return m_error; }
        kafka_types_t::count_t* num_api_keys() const { return m_num_api_keys.get(); }
        kaitai::vec<kaitai::ref<api_t>>* api_keys() const { return m_api_keys.get(); }
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        api_versions_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
