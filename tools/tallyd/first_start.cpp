#include "tools/tallyd/first_start.hpp"

#include <array>
#include <utility>

#include "core/crypto/base64.hpp"
#include "core/crypto/password.hpp"
#include "core/limits.hpp"
#include "http/api/execute.hpp"
#include "projections/queries.hpp"
#include "tools/private_file.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::SecretText;

SecretText make_up_password(core::RandomSource& random) {
  std::array<std::uint8_t, 18> bytes{};
  random.fill(bytes);
  SecretText password{core::crypto::base64url_encode(bytes)};
  core::wipe(bytes.data(), bytes.size());
  return password;
}

}  // namespace

core::CommandContext system_context(const http::Clock& clock, core::RandomSource& random) {
  core::CommandContext context;
  context.at = clock.now();
  random.fill(context.entropy);
  return context;
}

Result<std::optional<SecretText>> prepare_operator(const events::Store& store, projections::CommandService& commands,
                                                   const std::optional<SecretText>& password, const http::Clock& clock,
                                                   core::RandomSource& random) {
  const projections::PeopleQueries people{store};
  TALLY_TRY_ASSIGN(const bool somebody, people.anybody());
  if (somebody) return std::optional<SecretText>{};

  std::optional<SecretText> made_up;
  if (!password) made_up = make_up_password(random);
  const core::CommandContext context = system_context(clock, random);
  core::CreateUser create;
  create.id = core::draw_id<core::UserId>(random, context.at);
  create.username = "operator";
  create.display_name = "Operator";
  create.is_operator = true;
  create.password_verifier = core::crypto::make_password_verifier((password ? *password : *made_up).reveal(), random);
  TALLY_TRY(http::api::execute_blocking(commands, context, std::move(create)));
  return made_up;
}

Result<std::optional<SecretText>> choose_operator_password(std::optional<SecretText> from_environment,
                                                           const std::string& file) {
  using core::limits::kPasswordBytesMax;
  using core::limits::kPasswordBytesMin;
  std::optional<SecretText> chosen = std::move(from_environment);
  std::string source = "TALLY_OPERATOR_PASSWORD";
  if (!file.empty()) {
    if (chosen)
      return core::fail(Errc::bad_configuration, "operator_password_file: TALLY_OPERATOR_PASSWORD is set too");
    source = "operator_password_file";
    auto read = read_private_file(file, kPasswordBytesMax + 2);
    if (read.has_error()) return core::fail(Errc::bad_configuration, source + ": " + read.error().detail);
    if (!*read) return core::fail(Errc::bad_configuration, source + ": there is no file " + file);
    std::string_view text = (*read)->reveal();
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    chosen = SecretText{std::string{text}};
  }
  if (chosen && (chosen->reveal().size() < kPasswordBytesMin || chosen->reveal().size() > kPasswordBytesMax)) {
    return core::fail(Errc::bad_configuration, source + ": the password must have " +
                                                   std::to_string(kPasswordBytesMin) + " to " +
                                                   std::to_string(kPasswordBytesMax) + " bytes");
  }
  return chosen;
}

}  // namespace tally::tools
