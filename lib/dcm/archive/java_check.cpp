// SPDX-License-Identifier: Apache-2.0
#include <dcm/archive/java_check.hpp>
#include <dcm/core/text.hpp>
#include <dcm/sys/env.hpp>

namespace dcm::archive {

namespace {

constexpr const char* k_script = R"([ ! -r "$1" ] || . "$1"
java=${JAVA:-${JAVA_HOME:+$JAVA_HOME/bin/}java}
command -v "$java" >/dev/null || exit 0
set -f
options=
for option in $JAVA_OPTS; do
  case $option in
    -D* | -agent* | -javaagent* | -Xrun* | -Xdebug | -Xloggc* | -Xlog* | -XX:+AlwaysPreTouch | -XX:*File=* | -XX:On*) ;;
    *) options="$options $option" ;;
  esac
done
said=$("$java" $options -XX:+PrintFlagsFinal -version 2>&1)
status=$?
if [ $status = 0 ]; then
  printf '%s\n' "$said" | grep -E ' MaxHeapSize |warning: '
else
  printf '%s\n' "$said" | head -n 5
fi
exit $status)";

// What a JVM adds to each of its reasons.
bool is_verdict(std::string_view line)
{
    return starts_with(line, "Error: Could not create") || starts_with(line, "Error: A fatal exception");
}

// "uintx MaxHeapSize := 536870912 {product}"
std::optional<std::uint64_t> heap_of(std::string_view line)
{
    const auto equals = line.find("= ");
    if (line.find(" MaxHeapSize ") == std::string_view::npos || equals == std::string_view::npos) {
        return std::nullopt;
    }
    const auto value = trim(line.substr(equals + 2));
    return parse_unsigned(value.substr(0, value.find(' ')), 0, UINT64_MAX);
}

}  // namespace

sys::LongLived java_question(const std::string& home)
{
    sys::LongLived program;
    program.argv = {"sh", "-c", k_script, "sh", sys::env("RUN_CONF").value_or(home + "/bin/run.conf")};
    return program;
}

std::vector<std::string> judge_java(const Inquiry::Answer& answer, std::optional<std::uint64_t> limit,
                                    bool site_options)
{
    const int status = answer.status.shell_code();
    if (answer.late || status > 125) {  // stopped, or no JVM at all
        return {};
    }
    const std::string origin = site_options ? "JAVA_OPTS" : "run.conf";
    std::vector<std::string> found;
    std::string error;
    for (const auto line : split(answer.text, '\n')) {
        if (starts_with(line, "dcm-confine: ")) {
            continue;  // said of the server as well, when it starts
        }
        constexpr std::string_view mark = "warning: ";
        const auto warning = line.find(mark);
        if (const auto heap = heap_of(line)) {
            if (limit && *heap >= *limit) {
                found.push_back(origin + " allows a heap of " + human_size(*heap) +
                                ", but the container may use only " + human_size(*limit) +
                                ": the kernel will kill the JVM; lower -Xmx or raise the container's memory limit");
            }
        } else if (warning != std::string_view::npos) {
            if (site_options) {
                found.push_back(origin + ": the JVM says " + quoted(trim(line.substr(warning + mark.size()))));
            }
        } else if (!line.empty() && !is_verdict(line)) {
            error += (error.empty() ? "" : ": ") + std::string(trim(line));
        }
    }
    if (status != 0) {
        found.insert(found.begin(), "the JVM does not start with the options of " + origin + ": " +
                                        (error.empty() ? answer.status.str() : printable(error)) + "; correct them");
    }
    return found;
}

}  // namespace dcm::archive
