#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/incremental_alter_configs_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Single settings to set, delete, append to or subtract from.
     */

    class incremental_alter_configs_request_t : public kaitai::kstruct {

    public:
        class config_t;
        class resource_t;

        incremental_alter_configs_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, incremental_alter_configs_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~incremental_alter_configs_request_t();

        class config_t : public kaitai::kstruct {

        public:

            config_t(kaitai::kstream* p__io, incremental_alter_configs_request_t::resource_t* p__parent = nullptr, incremental_alter_configs_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~config_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            int8_t m_config_operation = 0;
            kaitai::ref<kafka_types_t::text_t> m_value;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            incremental_alter_configs_request_t* m__root;
            incremental_alter_configs_request_t::resource_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            int8_t config_operation() const { return m_config_operation; }
            kafka_types_t::text_t* value() const { return m_value.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            incremental_alter_configs_request_t* _root() const { return m__root; }
            incremental_alter_configs_request_t::resource_t* _parent() const { return m__parent; }
        };

        class resource_t : public kaitai::kstruct {

        public:

            resource_t(kaitai::kstream* p__io, incremental_alter_configs_request_t* p__parent = nullptr, incremental_alter_configs_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~resource_t();

        private:
            int8_t m_resource_type = 0;
            kaitai::ref<kafka_types_t::text_t> m_resource_name;
            kaitai::ref<kafka_types_t::count_t> m_num_configs;
            kaitai::ref<kaitai::vec<kaitai::ref<config_t>>> m_configs;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            incremental_alter_configs_request_t* m__root;
            incremental_alter_configs_request_t* m__parent;

        public:
            int8_t resource_type() const { return m_resource_type; }
            kafka_types_t::text_t* resource_name() const { return m_resource_name.get(); }
            kafka_types_t::count_t* num_configs() const { return m_num_configs.get(); }
            kaitai::vec<kaitai::ref<config_t>>* configs() const { return m_configs.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            incremental_alter_configs_request_t* _root() const { return m__root; }
            incremental_alter_configs_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        bool f_validate_only = false;
        bool m_validate_only = false;

    public:
        bool validate_only();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_resources;
        kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>> m_resources;
        int8_t m_validate_only_byte = 0;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        incremental_alter_configs_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_resources() const { return m_num_resources.get(); }
        kaitai::vec<kaitai::ref<resource_t>>* resources() const { return m_resources.get(); }
        int8_t validate_only_byte() const { return m_validate_only_byte; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        incremental_alter_configs_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
