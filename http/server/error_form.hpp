#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// A refusal that HTTP itself has a status for, and the domain no error: an unknown path, a body that is too long …
struct HttpRefusal {
  unsigned status = 0;
  std::string_view code, detail;  ///< `code` by the words of problem.hpp.
};

/// In which form a path tells what went wrong.
struct ErrorForm {
  void (*write_error)(const Request&, const core::Error&, Response&);
  void (*write_refusal)(const Request&, const HttpRefusal&, Response&);
};

/// RFC 9457, as problem.hpp writes it.
extern const ErrorForm kProblemForm;

}  // namespace tally::http
