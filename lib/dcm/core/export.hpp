// SPDX-License-Identifier: Apache-2.0
#pragma once

// Marks what the tools and the unit tests use of the libraries; all else stays inside (hidden visibility keeps the
// dynamic relocations, and with them the start of a tool, short).
#define DCM_API __attribute__((visibility("default")))
