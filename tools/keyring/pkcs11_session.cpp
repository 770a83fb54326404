#include "tools/keyring/pkcs11_session.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <dlfcn.h>
#include <utility>
#include <vector>

// The interface under its own names, without macros.
#define CRYPTOKI_GNU 1
#include <p11-kit/pkcs11.h>

#include "core/base/check.hpp"
#include "tools/keyring/setting_mistake.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;

constexpr std::size_t kSlotsMax = 256;
constexpr unsigned long kTagBits = 128;
constexpr std::size_t kTagBytes = kTagBits / 8;
constexpr unsigned long kGcmNonceBytes = 12;

std::string code_of(ck_rv_t code) {
  char text[32];
  std::snprintf(text, sizeof text, "PKCS#11 error 0x%lx", code);
  return text;
}

/// The functions of the module, initialized. They are never unloaded, and another user of the module in this process
/// may have initialized it already.
Result<ck_function_list*> load_module(const std::string& path) {
  void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return mistake("pkcs11_module", "cannot load " + path + ": " + ::dlerror());
  void* symbol = ::dlsym(module, "C_GetFunctionList");
  if (symbol == nullptr) return mistake("pkcs11_module", path + " is not a PKCS#11 module");
  ck_function_list* functions = nullptr;
  if (reinterpret_cast<CK_C_GetFunctionList>(symbol)(&functions) != CKR_OK || functions == nullptr) {
    return mistake("pkcs11_module", path + " gives no functions");
  }
  ck_c_initialize_args arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const ck_rv_t initialized = functions->C_Initialize(&arguments);
  if (initialized != CKR_OK && initialized != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return mistake("pkcs11_module", path + " does not start: " + code_of(initialized));
  }
  return functions;
}

/// A text of fixed width, padded with blanks.
template <std::size_t Size>
std::string text_of(const unsigned char (&padded)[Size]) {
  std::string text{reinterpret_cast<const char*>(padded), Size};
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

struct Token {
  ck_slot_id_t slot = 0;
  std::string serial;
};

Result<Token> find_token(const ck_function_list& functions, const std::string& label) {
  std::array<ck_slot_id_t, kSlotsMax> slots{};
  unsigned long count = slots.size();
  const ck_rv_t listed = functions.C_GetSlotList(1, slots.data(), &count);
  if (listed != CKR_OK) return mistake("pkcs11_module", "cannot list the tokens: " + code_of(listed));
  for (std::size_t index = 0; index < count; ++index) {
    ck_token_info info{};
    if (functions.C_GetTokenInfo(slots[index], &info) != CKR_OK) continue;
    if (text_of(info.label) == label) return Token{slots[index], text_of(info.serial_number)};
  }
  return mistake("pkcs11_token", "there is no token with the label " + label);
}

Result<ck_object_handle_t> find_key(const ck_function_list& functions, ck_session_handle_t session,
                                    const std::string& label) {
  ck_object_class_t object_class = CKO_SECRET_KEY;
  ck_key_type_t key_type = CKK_AES;
  std::string name = label;
  std::array<ck_attribute, 3> wanted{ck_attribute{CKA_CLASS, &object_class, sizeof object_class},
                                     ck_attribute{CKA_KEY_TYPE, &key_type, sizeof key_type},
                                     ck_attribute{CKA_LABEL, name.data(), name.size()}};
  std::array<ck_object_handle_t, 2> found{};
  unsigned long count = 0;
  ck_rv_t code = functions.C_FindObjectsInit(session, wanted.data(), wanted.size());
  if (code == CKR_OK) code = functions.C_FindObjects(session, found.data(), found.size(), &count);
  if (code == CKR_OK) code = functions.C_FindObjectsFinal(session);
  if (code != CKR_OK) return mistake("pkcs11_key", "cannot look for it: " + code_of(code));
  if (count == 0) return mistake("pkcs11_key", "the token holds no AES key with the label " + label);
  if (count > 1) return mistake("pkcs11_key", "the token holds several AES keys with the label " + label);
  return found.front();
}

/// The functions take their inputs by pointers that are not const, and leave them alone.
unsigned char* input(core::ByteView bytes) { return const_cast<unsigned char*>(bytes.data()); }

}  // namespace

struct Pkcs11Session::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (session != 0) functions->C_CloseSession(session);
  }

  using Begin = ck_rv_t (*)(ck_session_handle_t, ck_mechanism*, ck_object_handle_t);
  using Finish = ck_rv_t (*)(ck_session_handle_t, unsigned char*, unsigned long, unsigned char*, unsigned long*);

  /// One operation in one call. `output` has room enough, so that the call is not made twice.
  ck_rv_t run(Begin begin, Finish finish, core::ByteView nonce, core::ByteView context, core::ByteView in,
              core::Bytes& output) const {
    TALLY_CHECK(nonce.size() == kGcmNonceBytes);
    ck_gcm_params parameters{input(nonce),   kGcmNonceBytes, kGcmNonceBytes * 8,
                             input(context), context.size(), kTagBits};
    ck_mechanism mechanism{CKM_AES_GCM, &parameters, sizeof parameters};
    ck_rv_t code = begin(session, &mechanism, key);
    if (code != CKR_OK) return code;
    unsigned long size = output.size();
    code = finish(session, input(in), in.size(), output.data(), &size);
    output.resize(code == CKR_OK ? std::min<std::size_t>(size, output.size()) : 0);
    return code;
  }

  const ck_function_list* functions = nullptr;
  ck_session_handle_t session = 0;
  ck_object_handle_t key = 0;
  std::string serial;
};

Pkcs11Session::Pkcs11Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pkcs11Session::~Pkcs11Session() = default;

Result<std::unique_ptr<Pkcs11Session>> Pkcs11Session::open(const Pkcs11KeyName& name, std::string_view pin) {
  auto state = std::make_unique<State>();
  TALLY_TRY_ASSIGN(state->functions, load_module(name.module));
  const ck_function_list& functions = *state->functions;
  TALLY_TRY_ASSIGN(const Token token, find_token(functions, name.token));
  state->serial = token.serial;
  const ck_rv_t opened = functions.C_OpenSession(token.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &state->session);
  if (opened != CKR_OK) return mistake("pkcs11_token", "cannot open a session: " + code_of(opened));
  const ck_rv_t logged_in = functions.C_Login(state->session, CKU_USER, input(core::as_bytes(pin)), pin.size());
  if (logged_in != CKR_OK && logged_in != CKR_USER_ALREADY_LOGGED_IN) {
    return mistake("pkcs11_pin_file", "the token refuses it: " + code_of(logged_in));
  }
  TALLY_TRY_ASSIGN(state->key, find_key(functions, state->session, name.key));
  return std::unique_ptr<Pkcs11Session>{new Pkcs11Session{std::move(state)}};
}

const std::string& Pkcs11Session::serial() const { return state_->serial; }

Result<core::Bytes> Pkcs11Session::encrypt(core::ByteView nonce, core::ByteView context, core::ByteView plain) {
  core::Bytes sealed(plain.size() + kTagBytes);
  const ck_rv_t code =
      state_->run(state_->functions->C_EncryptInit, state_->functions->C_Encrypt, nonce, context, plain, sealed);
  if (code != CKR_OK) return core::fail(Errc::io_failed, "the token does not encrypt: " + code_of(code));
  return sealed;
}

Result<core::Bytes> Pkcs11Session::decrypt(core::ByteView nonce, core::ByteView context, core::ByteView sealed) {
  if (sealed.size() < kTagBytes) return core::fail(Errc::malformed, "does not open");
  core::Bytes plain(sealed.size());
  const ck_rv_t code =
      state_->run(state_->functions->C_DecryptInit, state_->functions->C_Decrypt, nonce, context, sealed, plain);
  if (code == CKR_OK) return plain;
  // Modules differ in how they say that a tag does not fit.
  if (code == CKR_ENCRYPTED_DATA_INVALID || code == CKR_ENCRYPTED_DATA_LEN_RANGE || code == CKR_DATA_INVALID ||
      code == CKR_GENERAL_ERROR) {
    return core::fail(Errc::malformed, "does not open (" + code_of(code) + ")");
  }
  return core::fail(Errc::io_failed, "is not opened by the token: " + code_of(code));
}

}  // namespace tally::tools
