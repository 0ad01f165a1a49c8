// Why a request failed, in pprof's words and with a way out.
#pragma once

#include <stdbool.h>

#include "source/curl_library.h"

struct fetch_request;

// Sets the error of the request's fetch, and false, unless it was answered with 200.
bool fetch_error_judge(struct fetch_request *request, CURLcode code);
