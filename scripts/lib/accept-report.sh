# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The report of scripts/accept: one paper to read and file, and the same as JSON. Set before: $report, a directory.

report_begin() { # NAME=VALUE...: what was tried
    paper=$report/accept-$(date +%Y-%m-%dT%H%M%S) passed=0 failed=0 skipped=0
    local fact
    {
        printf 'Acceptance of %s, %s\n' "${1#*=}" "$(date -Iseconds)"
        for fact in "${@:2}"; do
            printf '%s %s\n' "${fact%%=*}" "${fact#*=}"
        done
        printf '\n'
    } >"$paper.txt"
    {
        printf '{\n  "date": %s' "$(json "$(date -Iseconds)")"
        for fact in "$@"; do
            printf ',\n  %s: %s' "$(json "${fact%%=*}")" "$(json "${fact#*=}")"
        done
        printf ',\n  "steps": ['
    } >"$paper.json"
}

report_step() { # VERDICT STEP MILLISECONDS WHY
    printf '%-8s %-12s %6d ms  %s\n' "$@" | tee -a "$paper.txt"
    printf '%s\n    {"step": %s, "verdict": %s, "ms": %d, "said": %s}' "$([ $((passed + failed + skipped)) = 0 ] || echo ,)" \
        "$(json "$2")" "$(json "${1,,}")" "$3" "$(json "$4")" >>"$paper.json"
    case $1 in
        passed) passed=$((passed + 1)) ;;
        skipped) skipped=$((skipped + 1)) ;;
        *) failed=$((failed + 1)) ;;
    esac
}

report_end() {
    printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped" >>"$paper.txt"
    printf '\n  ],\n  "passed": %d, "failed": %d, "skipped": %d\n}\n' "$passed" "$failed" "$skipped" >>"$paper.json"
    printf 'accept: %d passed, %d failed, %d skipped; the report is %s.txt, and .json\n' "$passed" "$failed" "$skipped" "$paper"
}

json() { # TEXT
    printf '"%s"' "$(tr -d '\000-\037' <<<"$1" | sed 's/[\\"]/\\&/g')"
}
