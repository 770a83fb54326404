#include "tools/cli/master_key_options.hpp"

namespace tally::tools {

void add_master_key_options(CommandSpec& command, MasterKeyChoice& choice, const std::string& prefix,
                            const std::string& which) {
  const std::string file = "--" + prefix + "master-key-file";
  const std::string module = "--" + prefix + "pkcs11-module";
  const std::string token = "--" + prefix + "pkcs11-token";
  const std::string key = "--" + prefix + "pkcs11-key";
  const std::string pin_file = "--" + prefix + "pkcs11-pin-file";
  command.option(file, choice.file, which + " master key").placeholder("FILE");
  command.option(module, choice.pkcs11_module, which + " master key's PKCS#11 module")
      .placeholder("FILE")
      .excludes({file})
      .needs({token, key, pin_file});
  command.option(token, choice.pkcs11_token, "the token's label").placeholder("LABEL").needs({module});
  command.option(key, choice.pkcs11_key, "the label of its AES key").placeholder("LABEL").needs({module});
  command.option(pin_file, choice.pkcs11_pin_file, "the user's PIN").placeholder("FILE").needs({module});
}

Failure failure_of_keys(const core::Error& error) {
  if (error.code == core::Errc::bad_configuration) return {Exit::usage, error.detail};
  return failure_of(error);
}

}  // namespace tally::tools
