#include <algorithm>
#include <optional>
#include <string>

#include "core/row/text_value.h"
#include "operators/functions/function_table.h"
#include "operators/functions/utf8.h"

namespace millrace::operators {

namespace {

bool is_alpha(char c) {
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
int hex_value(char c) {
    const char lower = ascii_lower(c);
    return is_digit(lower) ? lower - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The parts of a URI, as they stand in it. A view: the text must outlive it.
struct UriView {
    std::optional<std::string_view> scheme{};
    std::optional<std::string_view> host{};
    std::optional<std::int32_t> port{};
    std::optional<std::string_view> path{};  // none: mailto:a@b
    std::optional<std::string_view> query{};
    std::optional<std::string_view> fragment{};
};

bool is_scheme(std::string_view text) {
    return !text.empty() && is_alpha(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
}

/// No character that RFC 2396 excludes, and % only before two digits.
bool is_legal(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F ||
            std::string_view("<>\"{}|\\^`").find(c) != std::string_view::npos) {
            return false;
        }
        if (c == '%') {
            if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
                return false;
            }
            i += 2;
        }
    }
    return true;
}

bool is_host(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return std::all_of(host.begin() + 1, host.end() - 1, [](char c) {
            return hex_value(c) >= 0 || c == ':' || c == '.' || c == '%';
        });
    }
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    bool at_start = true;
    for (std::size_t i = 0; i < host.size(); ++i) {
        const char c = host[i];
        if (c == '.' ? at_start || host[i - 1] == '-'
                     : !(is_alpha(c) || is_digit(c) || (c == '-' && !at_start))) {
            return false;
        }
        at_start = c == '.';
    }
    if (host.empty() || at_start || host.back() == '-') {
        return false;
    }
    const std::string_view last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
    return is_alpha(last[0]) ||
           std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

/// user@host:port; one that is not so has neither host nor port.
void read_authority(std::string_view authority, UriView& uri) {
    authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0
    std::string_view host = authority;
    std::optional<std::int32_t> port{};
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
        const std::string_view digits = authority.substr(colon + 1);
        std::int64_t number = 0;
        for (const char c : digits) {
            if (!is_digit(c) || number > 99'999'999) {
                return;
            }
            number = number * 10 + (c - '0');
        }
        host = authority.substr(0, colon);
        port = digits.empty() ? std::nullopt : std::optional(static_cast<std::int32_t>(number));
    }
    if (is_host(host)) {
        uri.host = host;
        uri.port = port;
    }
}

/// nullopt when it is no URI.
std::optional<UriView> parse_uri(std::string_view text) {
    UriView uri;
    if (text.empty() || !is_legal(text)) {
        return text.empty() ? std::optional(UriView{.path = text}) : std::nullopt;
    }
    if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
        uri.fragment = text.substr(hash + 1);
        text = text.substr(0, hash);
        if (uri.fragment->find('#') != std::string_view::npos) {
            return std::nullopt;
        }
    }
    const std::size_t colon = text.find_first_of(":/?");
    if (colon != std::string_view::npos && text[colon] == ':') {
        if (!is_scheme(text.substr(0, colon)) || colon + 1 == text.size()) {
            return std::nullopt;
        }
        uri.scheme = text.substr(0, colon);
        text.remove_prefix(colon + 1);
        if (text[0] != '/') {
            return uri;  // opaque: neither host nor path nor query
        }
    }
    if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
        uri.query = text.substr(mark + 1);
        text = text.substr(0, mark);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::size_t slash = std::min(text.find('/'), text.size());
        if (slash == 0 && text.empty()) {
            return std::nullopt;
        }
        read_authority(text.substr(0, slash), uri);
        text.remove_prefix(slash);
    }
    uri.path = text;
    return uri;
}

/// %XX decoded; what is not UTF-8 then becomes U+FFFD.
std::string percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            bytes += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            bytes += text[i] == '+' && plus_is_blank ? ' ' : text[i];
        }
    }
    if (is_utf8(bytes)) {
        return bytes;
    }
    std::string clean;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min(sequence_size(bytes[at]), bytes.size() - at);
        const std::string_view one = std::string_view(bytes).substr(at, size);
        const bool is_good = is_utf8(one);
        clean += is_good ? one : std::string_view("\xEF\xBF\xBD");
        at += is_good ? size : 1;
    }
    return clean;
}

template <std::optional<std::string_view> UriView::*Part>
void run_part(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto uri = parse_uri(from[row].view());
        if (!uri || !((*uri).*Part)) {
            call.set_null(row);
        } else {
            call.set_text(row, percent_decoded(*((*uri).*Part), false));
        }
    });
}

void run_port(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto uri = parse_uri(from[row].view());
        if (!uri || !uri->port) {
            call.set_null(row);
        } else {
            call.out<std::int32_t>()[row] = *uri->port;
        }
    });
}

/// The value of a name in a decoded query; one without = is empty.
std::optional<std::string_view> parameter_of(std::string_view query, std::string_view name) {
    while (true) {
        const std::string_view pair = query.substr(0, query.find('&'));
        const std::size_t equals = pair.find('=');
        if (pair.substr(0, equals) == name) {
            return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        }
        if (pair.size() == query.size()) {
            return std::nullopt;
        }
        query.remove_prefix(pair.size() + 1);
    }
}

void run_parameter(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    const Reader<StringRef> name(call.args[1]);
    call.for_each_valid([&](std::uint32_t row) {
        const auto uri = parse_uri(from[row].view());
        if (!uri || !uri->query) {
            call.set_null(row);
            return;
        }
        const std::string query = percent_decoded(*uri->query, false);
        const auto value = parameter_of(query, name[row].view());
        if (!value) {
            call.set_null(row);
            return;
        }
        call.set_text(row, *value);
    });
}

void run_encode(KernelCall& call) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    const Reader<StringRef> from(call.args[0]);
    std::string text;
    call.for_each_valid([&](std::uint32_t row) {
        text.clear();
        for (const char c : from[row].view()) {
            const auto byte = static_cast<unsigned char>(c);
            if (is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '*' || c == '_') {
                text += c;
            } else if (c == ' ') {
                text += '+';
            } else {
                text += '%';
                text += kDigits[byte >> 4];
                text += kDigits[byte & 15];
            }
        }
        call.set_text(row, text);
    });
}

void run_decode(KernelCall& call) {
    const Reader<StringRef> from(call.args[0]);
    call.for_each_valid([&](std::uint32_t row) {
        const std::string_view text = from[row].view();
        for (std::size_t i = text.find('%'); i != std::string_view::npos;
             i = text.find('%', i + 3)) {
            if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
                call.fail(row, "% without two hexadecimal digits: '" + shortened(text) + "'");
                return;
            }
        }
        call.set_text(row, percent_decoded(text, true));
    });
}

}  // namespace

FunctionFamily url_functions() {
    constexpr std::string_view kOne = "STRING -> STRING";
    return {"URLs",
            {{"URL_DECODE_PARAM",
              "The text that an encoded parameter of a URL stands for.",
              "URL_DECODE_PARAM('%3Ffoo+%24bar')",
              "?foo $bar",
              {{kOne, fallible(run_decode)}}},
             {"URL_ENCODE_PARAM",
              "A text encoded as a parameter of a URL.",
              "URL_ENCODE_PARAM('?foo $bar')",
              "%3Ffoo+%24bar",
              {{kOne, strict(run_encode)}}},
             {"URL_EXTRACT_FRAGMENT",
              "What stands behind the #; NULL if there is none.",
              "URL_EXTRACT_FRAGMENT('http://test.com#frag%20space')",
              "frag space",
              {{kOne, strict(run_part<&UriView::fragment>)}}},
             {"URL_EXTRACT_HOST",
              "The host's name; NULL if there is none.",
              "URL_EXTRACT_HOST('http://test.com:8080/path')",
              "test.com",
              {{kOne, strict(run_part<&UriView::host>)}}},
             {"URL_EXTRACT_PARAMETER",
              "The value of a parameter of the query; NULL if it is not there.",
              "URL_EXTRACT_PARAMETER('http://test.com?a%20b=c%20d', 'a b')",
              "c d",
              {{"STRING, STRING -> STRING", strict(run_parameter)}}},
             {"URL_EXTRACT_PATH",
              "The path, which may be empty.",
              "URL_EXTRACT_PATH('http://test.com/path/to#a')",
              "/path/to",
              {{kOne, strict(run_part<&UriView::path>)}}},
             {"URL_EXTRACT_PORT",
              "The port; NULL if none is given.",
              "URL_EXTRACT_PORT('http://localhost:8080/path')",
              "8080",
              {{"STRING -> INTEGER", strict(run_port)}}},
             {"URL_EXTRACT_PROTOCOL",
              "The protocol; NULL if there is none.",
              "URL_EXTRACT_PROTOCOL('https://test.com?a=foo')",
              "https",
              {{kOne, strict(run_part<&UriView::scheme>)}}},
             {"URL_EXTRACT_QUERY",
              "The query, decoded; NULL if there is none.",
              "URL_EXTRACT_QUERY('http://test.com?a=foo%20bar&b=baz')",
              "a=foo bar&b=baz",
              {{kOne, strict(run_part<&UriView::query>)}}}}};
}

}  // namespace millrace::operators
