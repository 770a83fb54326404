#include "tools/cli/master_key_options.hpp"

namespace tally::tools {

void add_master_key_options(CLI::App& app, MasterKeyChoice& choice, const std::string& prefix,
                            const std::string& which) {
  CLI::Option* file =
      app.add_option("--" + prefix + "master-key-file", choice.file, which + " master key")->type_name("FILE");
  CLI::Option* module =
      app.add_option("--" + prefix + "pkcs11-module", choice.pkcs11_module, which + " master key's PKCS#11 module")
          ->type_name("FILE")
          ->excludes(file);
  const auto add = [&](const char* name, std::string& target, const char* what, const char* placeholder) {
    CLI::Option* option = app.add_option("--" + prefix + name, target, what)->type_name(placeholder)->needs(module);
    module->needs(option);
  };
  add("pkcs11-token", choice.pkcs11_token, "the token's label", "LABEL");
  add("pkcs11-key", choice.pkcs11_key, "the label of its AES key", "LABEL");
  add("pkcs11-pin-file", choice.pkcs11_pin_file, "the user's PIN", "FILE");
}

Failure failure_of_keys(const core::Error& error) {
  if (error.code == core::Errc::bad_configuration) return {Exit::usage, error.detail};
  return failure_of(error);
}

}  // namespace tally::tools
