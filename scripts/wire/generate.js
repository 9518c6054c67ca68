// Turns core/wire/ksy/*.ksy into C++ readers: node generate.js KSY_DIR OUT_DIR. Run by scripts/wire/generate, which
// installs the packages named below.
//
// The npm build of kaitai-struct-compiler takes no options and writes C++98. One literal of its source, the C++
// settings, is replaced before it is loaded, which gives C++11 in our namespace. The output is then bent to the
// span-backed runtime of core/wire/kaitai: views instead of strings, arena references instead of smart pointers.
'use strict';
const fs = require('fs');
const path = require('path');
const Module = require('module');

const [ksyDir, outDir] = process.argv.slice(2);
const yaml = require('js-yaml');
const NAMESPACE = 'millrace::wire';
const HAND_WRITTEN = new Set(['kafka_types']);  // core/wire/kaitai/kafka_types.h

function loadCompiler() {
    const file = require.resolve('kaitai-struct-compiler');
    const settings = (namespace, cpp11, pointers) =>
        `(!debug), debug, false, true, false, new $c_Lio_kaitai_struct_CppRuntimeConfig(${namespace}, ${cpp11}, ` +
        `${cpp11}, ${cpp11}, $m_Lio_kaitai_struct_CppRuntimeConfig$${pointers}$())`;
    const source = fs.readFileSync(file, 'utf8');
    const before = settings('$m_sci_Nil$()', false, 'RawPointers');
    if (source.split(before).length !== 2) {
        throw new Error('this kaitai-struct-compiler is not version 0.11.0: its C++ settings are not where they were');
    }
    const namespace = `new $c_sci_$colon$colon(${JSON.stringify(NAMESPACE)}, $m_sci_Nil$())`;
    const module_ = new Module(file, null);
    module_.filename = file;
    module_.paths = module.paths;
    module_._compile(source.replace(before, () => settings(namespace, true, 'UniqueAndRawPointers')), file);
    return module_.exports;
}

// Values that fields have in versions that do not carry them: the key -default of a field; 0 without one.
function defaultsOf(spec, className, found) {
    for (const field of spec.seq || []) {
        found[className + '/m_' + field.id] = field['-default'] || 0;
    }
    for (const [name, type] of Object.entries(spec.types || {})) {
        defaultsOf(type, name + '_t', found);
    }
    return found;
}

// Numbers and flags get a value where they are declared; the compiler leaves them unset when a version skips them.
function initialize(header, defaults) {
    const classes = [];
    return header.split('\n').map((line) => {
        const opened = line.match(/^( +)class (\w+) : public kaitai::kstruct \{$/);
        if (opened) {
            classes.push({name: opened[2], indent: opened[1]});
        } else if (classes.length && line === classes[classes.length - 1].indent + '};') {
            classes.pop();
        }
        const member = line.match(/^( +)(u?int\d+_t|bool) ([mnf]_\w+);$/);
        if (!member) {
            return line;
        }
        const value = defaults[classes[classes.length - 1].name + '/' + member[3]] || 0;
        return `${member[1]}${member[2]} ${member[3]} = ${member[2] === 'bool' ? 'false' : value};`;
    }).join('\n');
}

// Whether a field is in this version is told by its value (null, empty or the default): the flags for it and the
// destructors' work would only make objects larger.
function slim(text) {
    return text.replace(/^ +bool n_\w+;\n/gm, '')
        .replace(/^ +bool _is_null_\w+\(\).*\n/gm, '')
        .replace(/^ +n_\w+ = (true|false);\n/gm, '')
        .replace(/^( +)(void \S+::_clean_up\(\) \{)\n(.*\n)*?\1\}$/gm, '$1$2}')
        .replace(/^ +(private|public):\n(\s*\n)*(?= +(private|public):\n)/gm, '');
}

function bend(name, text, defaults) {
    text = slim(text).replace(/std::string\b/g, 'kaitai::bytes_view')
        .replace(/std::vector\b/g, 'kaitai::vec')
        .replace(/std::unique_ptr\b/g, 'kaitai::ref')
        .replace(/#include "kaitai\//g, '#include "core/wire/kaitai/')
        .replace(/#include "kafka_types\.h"/g, '#include "core/wire/kaitai/kafka_types.h"')
        .replace(/#include "(\w+)\.h"/g, '#include "core/wire/generated/$1.h"')
        .replace(/#include <stdint\.h>\n/g, '#include <cstdint>\n')
        .replace(/#include <(memory|vector)>\n/g, '')
        .replace(/^class \w+;\n\n/m, '')
        .replace(/^.*generated file!.*$/m,
                 `// Generated from core/wire/ksy/${path.parse(name).name}.ksy by scripts/wire/generate: edit that, not this.`);
    if (name.endsWith('.h')) {
        text = initialize(text, defaults).replace('#pragma once\n', '#pragma once\n#pragma GCC system_header  // no warnings\n');
    }
    return text;
}

async function main() {
    const compiler = loadCompiler();
    const read = (id) => yaml.load(fs.readFileSync(path.join(ksyDir, id + '.ksy'), 'utf8'));
    const importer = {importYaml: async (id) => read(id)};
    for (const file of fs.readdirSync(ksyDir).filter((f) => f.endsWith('.ksy')).sort()) {
        const id = path.parse(file).name;
        const spec = read(id);
        const files = await compiler.compile('cpp_stl', read(id), importer, false);
        for (const [name, text] of Object.entries(files)) {
            if (path.parse(name).name === id && !HAND_WRITTEN.has(id)) {
                fs.writeFileSync(path.join(outDir, name), bend(name, text, defaultsOf(spec, id + '_t', {})));
            }
        }
    }
}

main().catch((error) => {
    console.error('generate: ' + error);
    process.exit(1);
});
